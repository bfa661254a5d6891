using Lifeline.Contracts;

namespace Lifeline.Cli.Top;

/// <summary>By what the rows of <c>top</c> are ordered.</summary>
internal enum TopSort
{
    /// <summary>As in the configuration.</summary>
    Configuration,
    Name,
    Cpu,
    Memory,
    Uptime,
    Restarts,
}

/// <summary>What keys mean at the moment.</summary>
internal enum TopMode
{
    List,

    /// <summary>Letters go into the filter.</summary>
    Filter,

    /// <summary>An order waits for yes or no.</summary>
    Confirm,

    /// <summary>The log of the chosen service is shown.</summary>
    Log,

    Help,
}

/// <summary>One service with what was computed of it.</summary>
/// <remarks><paramref name="CpuPercent"/>: of one processor, since the last look; null before there were two.</remarks>
internal sealed record TopRow(ServiceSnapshot Service, double? CpuPercent);

/// <summary>What <c>top</c> shows and what is chosen in it. Only data and rules; not thread-safe.</summary>
internal sealed class TopModel
{
    private readonly Dictionary<string, (double CpuSeconds, int Generation, long At)> before = new(StringComparer.Ordinal);
    private IReadOnlyList<TopRow> all = [];

    /// <summary>The rows that pass the filter, in their order.</summary>
    public IReadOnlyList<TopRow> Rows { get; private set; } = [];

    public int Total => all.Count;

    public IEnumerable<ServiceSnapshot> Services => all.Select(row => row.Service);

    /// <summary>Of all services together.</summary>
    public double CpuPercent => all.Sum(row => row.CpuPercent ?? 0);

    /// <summary>The name of the chosen service; null if none is shown.</summary>
    public string? Chosen { get; private set; }

    public int ChosenIndex => Chosen is null ? -1 : Rows.ToList().FindIndex(row => row.Service.Name == Chosen);

    public TopSort Sort { get; private set; }

    public TopMode Mode { get; set; }

    public string Filter { get; private set; } = "";

    /// <summary>The order that waits for an answer.</summary>
    public TopOrder? Pending { get; set; }

    /// <summary>What became of the last order, for the last line.</summary>
    public string Message { get; set; } = "";

    /// <summary>Null if the monitor knows nothing of them.</summary>
    public AlertOverview? Alerts { get; set; }

    /// <summary>The lines of the log that is shown.</summary>
    public IReadOnlyList<LogLine> Log { get; set; } = [];

    /// <summary>Takes what the monitor said.</summary>
    /// <remarks><paramref name="now"/>: monotonic ticks of <paramref name="frequency"/> a second.</remarks>
    public void Update(IReadOnlyList<ServiceSnapshot> services, long now, long frequency)
    {
        all = [.. services.Select(service => new TopRow(service, Percent(service, now, frequency)))];
        Arrange();
    }

    public void SortBy(TopSort sort)
    {
        Sort = sort;
        Arrange();
    }

    public void SetFilter(string filter)
    {
        Filter = filter;
        Arrange();
    }

    /// <summary>Chooses the row so far below (above, if negative) the chosen one; stops at the ends.</summary>
    public void Move(int rows)
    {
        if (Rows.Count == 0) return;
        Chosen = Rows[(int)Math.Clamp((long)ChosenIndex + rows, 0, Rows.Count - 1)].Service.Name;
    }

    private double? Percent(ServiceSnapshot service, long now, long frequency)
    {
        if (service.CpuSeconds is not { } seconds)
        {
            before.Remove(service.Name);
            return null;
        }
        var known = before.TryGetValue(service.Name, out var last) && last.Generation == service.Generation && now > last.At;
        before[service.Name] = (seconds, service.Generation, now);
        // Processes that ended take their time with them: never below nothing.
        return known ? Math.Max(0, (seconds - last.CpuSeconds) / ((now - last.At) / (double)frequency) * 100) : null;
    }

    private void Arrange()
    {
        var shown = all.Where(row => Filter.Length == 0 || row.Service.Name.Contains(Filter, StringComparison.OrdinalIgnoreCase) || JsonNames.Of(row.Service.State).Contains(Filter, StringComparison.OrdinalIgnoreCase));
        Rows = Sort switch
        {
            TopSort.Name => [.. shown.OrderBy(row => row.Service.Name, StringComparer.Ordinal)],
            TopSort.Cpu => [.. shown.OrderByDescending(row => row.CpuPercent ?? -1)],
            TopSort.Memory => [.. shown.OrderByDescending(row => row.Service.MemoryBytes ?? -1)],
            TopSort.Uptime => [.. shown.OrderBy(row => row.Service.Pid is null ? DateTimeOffset.MaxValue : row.Service.StartedAt ?? DateTimeOffset.MaxValue)],
            TopSort.Restarts => [.. shown.OrderByDescending(row => row.Service.Restarts)],
            _ => [.. shown],
        };
        if (ChosenIndex < 0) Chosen = Rows.Count > 0 ? Rows[0].Service.Name : null;
    }
}

/// <summary>What is to be done with a service.</summary>
internal sealed record TopOrder(Commands.Order Order, string Service)
{
    public string Verb => Order switch { Commands.Order.Start => "start", Commands.Order.Stop => "stop", _ => "restart" };
}
