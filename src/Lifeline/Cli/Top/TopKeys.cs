using Lifeline.Cli.Commands;

namespace Lifeline.Cli.Top;

/// <summary>What a key leads to outside the model.</summary>
internal enum TopAction
{
    None,
    Quit,

    /// <summary>Give the model's pending order.</summary>
    GiveOrder,

    /// <summary>Fetch the log of the chosen service.</summary>
    ShowLog,
}

/// <summary>The keys of <c>top</c>.</summary>
internal static class TopKeys
{
    public const string Help = """
        ↑ ↓ j k   choose a service, as do
                  PgUp PgDn Home End
        r s u     restart, stop, start it;
                  each asks before it acts
        l Enter   its log; Esc goes back
        /         only names and states that
                  hold a text; Esc shows all
        C M T R   by processor, memory, uptime,
                  restarts
        N O       by name, as configured
        ? q       this page, quit
        """;

    /// <remarks><paramref name="page"/>: rows on the screen.</remarks>
    public static TopAction Press(TopModel model, ConsoleKeyInfo key, int page)
    {
        if (key.Key == ConsoleKey.C && key.Modifiers.HasFlag(ConsoleModifiers.Control)) return TopAction.Quit;
        return model.Mode switch
        {
            TopMode.Filter => PressInFilter(model, key),
            TopMode.Confirm => PressInConfirm(model, key),
            TopMode.Log or TopMode.Help => PressAside(model, key),
            _ => PressInList(model, key, page),
        };
    }

    private static TopAction PressInList(TopModel model, ConsoleKeyInfo key, int page)
    {
        model.Message = "";
        if (Step(key, page) is { } step) model.Move(step);
        else if (SortOf(key.KeyChar) is { } sort) model.SortBy(sort);
        else if (OrderOf(key.KeyChar) is { } order) Ask(model, order);
        else if (key.KeyChar == '/') model.Mode = TopMode.Filter;
        else if (key.KeyChar == '?') model.Mode = TopMode.Help;
        else if (key.Key == ConsoleKey.Escape) model.SetFilter("");
        else if (key.KeyChar == 'q') return TopAction.Quit;
        else if ((key.KeyChar == 'l' || key.Key == ConsoleKey.Enter) && model.Chosen is not null)
        {
            model.Mode = TopMode.Log;
            model.Log = [];
            return TopAction.ShowLog;
        }
        return TopAction.None;
    }

    private static int? Step(ConsoleKeyInfo key, int page) => key.Key switch
    {
        ConsoleKey.UpArrow => -1,
        ConsoleKey.DownArrow => 1,
        ConsoleKey.PageUp => -Math.Max(1, page),
        ConsoleKey.PageDown => Math.Max(1, page),
        ConsoleKey.Home => int.MinValue,
        ConsoleKey.End => int.MaxValue,
        _ => key.KeyChar switch { 'k' => -1, 'j' => 1, _ => null },
    };

    private static TopSort? SortOf(char key) => key switch
    {
        'C' or 'P' => TopSort.Cpu,
        'M' => TopSort.Memory,
        'T' => TopSort.Uptime,
        'R' => TopSort.Restarts,
        'N' => TopSort.Name,
        'O' => TopSort.Configuration,
        _ => null,
    };

    private static Order? OrderOf(char key) => key switch { 'r' => Order.Restart, 's' => Order.Stop, 'u' => Order.Start, _ => null };

    private static void Ask(TopModel model, Order order)
    {
        if (model.Chosen is not { } service) return;
        model.Pending = new TopOrder(order, service);
        model.Mode = TopMode.Confirm;
    }

    private static TopAction PressInConfirm(TopModel model, ConsoleKeyInfo key)
    {
        model.Mode = TopMode.List;
        if (key.KeyChar is 'y' or 'Y') return TopAction.GiveOrder;
        model.Pending = null;
        model.Message = "nothing was done";
        return TopAction.None;
    }

    private static TopAction PressInFilter(TopModel model, ConsoleKeyInfo key)
    {
        switch (key.Key)
        {
            case ConsoleKey.Escape:
                model.SetFilter("");
                model.Mode = TopMode.List;
                break;
            case ConsoleKey.Enter:
                model.Mode = TopMode.List;
                break;
            case ConsoleKey.Backspace:
                if (model.Filter.Length > 0) model.SetFilter(model.Filter[..^1]);
                break;
            default:
                if (!char.IsControl(key.KeyChar)) model.SetFilter(model.Filter + key.KeyChar);
                break;
        }
        return TopAction.None;
    }

    private static TopAction PressAside(TopModel model, ConsoleKeyInfo key)
    {
        if (key.Key is ConsoleKey.Escape or ConsoleKey.Enter or ConsoleKey.Backspace || key.KeyChar is 'q' or 'l' or '?') model.Mode = TopMode.List;
        return TopAction.None;
    }
}
