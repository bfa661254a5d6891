using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Registry;

public sealed class RegistryTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private RegistryHost _host = null!;
    private readonly IpcEndpoint _serving = new();
    private readonly IpcEndpoint _looking = new();
    private IpcSession _servingSession = null!;
    private RegistryClient _service = null!;
    private RegistryClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _host = new RegistryHost(_folder.File("registry"));
        _servingSession = await _serving.ConnectAsync(_folder.File("registry"));
        _service = new RegistryClient(_servingSession.Root);
        _client = new RegistryClient((await _looking.ConnectAsync(_folder.File("registry"))).Root);
    }

    public async ValueTask DisposeAsync()
    {
        await _looking.DisposeAsync();
        await _serving.DisposeAsync();
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_service_is_found_by_its_name_and_called_directly()
    {
        await _service.AddAsync("tests.increment", Stubs.Increment()).Soon();
        using IpcProxy found = await _client.GetAsync("tests.increment").Soon();
        Assert.Equal(3, await found.CallIntAsync(1, 2));
        await _host.DisposeAsync().Soon();
        Assert.Equal(4, await found.CallIntAsync(1, 3));
    }

    [Fact]
    public async Task A_name_that_is_held_is_taken_and_free_again_after_the_holders_death()
    {
        await _service.AddAsync("name", Stubs.Increment()).Soon();
        IpcException e = await Assert.ThrowsAsync<IpcException>(() => _client.AddAsync("name", Stubs.Increment()).Soon());
        Assert.Equal(IpcError.NameTaken, e.Error);
        Assert.Contains(Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), e.Message, StringComparison.Ordinal);
        var removed = new Signal<(string, string)>();
        _host.Registry.Removed += removal => removed.SetResult((removal.Name, removal.Reason));
        _servingSession.Close("dead");
        (string name, string reason) = await removed.Task.Soon();
        Assert.Equal("name", name);
        Assert.Contains("died", reason, StringComparison.Ordinal);
        Assert.Null(await _client.CheckAsync("name").Soon());
        await _client.AddAsync("name", Stubs.Increment()).Soon();
    }

    [Fact]
    public async Task What_is_not_there_is_not_found_or_null()
    {
        Assert.Equal(IpcError.NotFound, (await Assert.ThrowsAsync<IpcException>(() => _client.GetAsync("none").Soon())).Error);
        Assert.Null(await _client.CheckAsync("none").Soon());
        Assert.Equal(IpcError.NotFound, (await Assert.ThrowsAsync<IpcException>(() => _client.RemoveAsync("none").Soon())).Error);
    }

    [Fact]
    public async Task Waiting_ends_when_the_name_comes()
    {
        Task<IpcProxy> waiting = _client.WaitForAsync("soon", Deadline.Limit).Soon();
        Assert.Null(await _client.CheckAsync("soon").Soon());
        await _service.AddAsync("soon", Stubs.Increment()).Soon();
        using IpcProxy found = await waiting;
        Assert.Equal(3, await found.CallIntAsync(1, 2));
        using IpcProxy again = await _client.WaitForAsync("soon", TimeSpan.Zero).Soon();
        Assert.False(again.IsDead);
    }

    [Fact]
    public async Task Waiting_for_nothing_times_out()
    {
        IpcException e = await Assert.ThrowsAsync<IpcException>(() => _client.WaitForAsync("never", TimeSpan.FromMilliseconds(20)).Soon());
        Assert.Equal(IpcError.Timeout, e.Error);
        Assert.Contains("never", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("ünicode")]
    [InlineData("a/b")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public async Task Names_follow_the_rule(string name)
    {
        Assert.Equal(IpcError.CheckParam, (await Assert.ThrowsAsync<IpcException>(() => _service.AddAsync(name, Stubs.Increment()).Soon())).Error);
    }

    [Fact]
    public async Task Reserved_names_belong_to_the_hosting_process()
    {
        Assert.Equal(IpcError.PermissionDenied, (await Assert.ThrowsAsync<IpcException>(() => _service.AddAsync("lifeline.monitor", Stubs.Increment()).Soon())).Error);
        _host.Registry.Add("lifeline.monitor", Stubs.Increment());
        using IpcProxy found = await _client.GetAsync("lifeline.monitor").Soon();
        Assert.Equal(3, await found.CallIntAsync(1, 2));
        Assert.True(_host.Registry.Remove("lifeline.monitor"));
        Assert.False(_host.Registry.Remove("lifeline.monitor"));
    }

    [Fact]
    public async Task Names_are_listed_in_pages_and_can_be_removed()
    {
        string[] names = [.. Enumerable.Range(0, 600).Select(i => $"name{i:000}")];
        DelegateStub stub = Stubs.Increment();
        foreach (string name in names)
            await _service.AddAsync(name, stub).Soon();
        Assert.Equal(names, await _client.ListAsync().Soon());
        await _client.RemoveAsync("name000").Soon();
        Assert.Equal(names[1..], await _client.ListAsync().Soon());
        Assert.Equal(599, _host.Registry.RemoveAllOf(CallerIdentity.Self).Count);
        Assert.Empty(_host.Registry.Names);
    }

    [Fact]
    public async Task A_process_that_is_killed_loses_its_names()
    {
        var removed = new Signal<string>();
        _host.Registry.Removed += removal => removed.SetResult(removal.Name);
        using OtherProcess other = OtherProcess.Start("register", _folder.File("registry"), "victim");
        using IpcProxy found = await _client.WaitForAsync("victim", Deadline.Limit).Soon();
        Assert.Equal(other.Pid, found.Peer.Pid);
        var told = new Signal();
        found.AddDeathRecipient(_ => told.SetResult());
        other.Kill();
        await told.Task.Soon();
        Assert.Equal("victim", await removed.Task.Soon());
    }

    [Fact]
    public async Task The_limits_of_the_registry_are_named()
    {
        using var folder = new TemporaryFolder();
        await using var host = new RegistryHost(folder.File("r"), null, new RegistryOptions { MaxNames = 1, MaxWaiters = 1 });
        RegistryClient client = new((await _looking.ConnectAsync(folder.File("r")).Soon()).Root);
        await client.AddAsync("one", Stubs.Increment()).Soon();
        Assert.Contains(nameof(RegistryOptions.MaxNames), (await Assert.ThrowsAsync<IpcException>(() => client.AddAsync("two", Stubs.Increment()).Soon())).Message, StringComparison.Ordinal);
        // The two may be handled in either order: one of them is one too many.
        Task<IpcProxy> three = client.WaitForAsync("three", Deadline.Limit).Soon();
        Task<IpcProxy> four = client.WaitForAsync("four", Deadline.Limit).Soon();
        Task<IpcProxy> refused = await Task.WhenAny(three, four);
        Assert.Contains(nameof(RegistryOptions.MaxWaiters), (await Assert.ThrowsAsync<IpcException>(() => refused)).Message, StringComparison.Ordinal);
        host.Registry.Remove("one");
        await client.AddAsync(refused == four ? "three" : "four", Stubs.Increment()).Soon();
        (await (refused == four ? three : four)).Dispose();
    }
}
