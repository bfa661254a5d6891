using Lifeline.Contracts;
using Lifeline.Ipc;
using Lifeline.Monitor;
using Lifeline.Supervision;
using Lifeline.Tests.Alerting;

namespace Lifeline.Tests.Supervision;

public sealed class BoardPublisherTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lifeline-board-").FullName;
    private readonly ManualTime _time = new();
    private readonly List<string> _complaints = [];
    private readonly MonitorCore _core = new(new MonitorCoreOptions { BootId = "boot" });
    private readonly List<Effect> _effects = [];
    private readonly BoardPublisher _publisher;
    private long _now = 1;

    public BoardPublisherTests() => _publisher = new BoardPublisher(Board, _time, _complaints.Add);

    private string Board => Path.Combine(_folder, "run", "board");

    public void Dispose()
    {
        _publisher.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static MonitorConfiguration Services(params string[] names) => new([.. names.Select(name => new ServiceSpec { Name = name })], []);

    private void Happen(MonitorEvent happened)
    {
        _effects.Clear();
        _core.Handle(happened, ++_now, _effects);
        _publisher.Note(happened, _effects);
        _publisher.Publish(_core);
    }

    private Dictionary<string, ServiceSnapshot> Read()
    {
        using var board = SharedBoardReader.Load(Board);
        var value = new byte[board.Header.SlotSize];
        var services = new Dictionary<string, ServiceSnapshot>();
        for (var slot = 0; slot < board.Header.Slots; slot++)
            if (board.Read(slot, value, out var length, out _) == SharedBoardResult.Value)
                services.Add(BoardSnapshot.Decode(value.AsSpan(0, length))!.Name, BoardSnapshot.Decode(value.AsSpan(0, length))!);
        return services;
    }

    private void MakeFolder() => Directory.CreateDirectory(Path.GetDirectoryName(Board)!);

    [Fact]
    public void Nothing_is_written_before_the_core_knows_its_services()
    {
        MakeFolder();
        _publisher.Publish(_core);
        Assert.Null(_publisher.UntilDue);
        Assert.False(File.Exists(Board));
    }

    [Fact]
    public void Every_service_stands_on_it_and_everybody_may_read_it()
    {
        MakeFolder();
        Happen(new MonitorStarted(Services("a", "b"), [], []));
        Assert.Equal(["a", "b"], Read().Keys);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, File.GetUnixFileMode(Board));
        Assert.Equal([Board], Directory.GetFiles(Path.GetDirectoryName(Board)!));
        Assert.Null(_publisher.UntilDue);
    }

    [Fact]
    public void A_change_is_written_after_the_pause_into_the_same_file_and_nothing_else_is()
    {
        MakeFolder();
        Happen(new MonitorStarted(Services("a", "b"), [], []));
        using var mapped = SharedBoardReader.Open(Board);
        Happen(new LaunchSucceeded("a", 1, 4711, 1, 1));
        Assert.Null(Read()["a"].Pid);
        Assert.Equal(BoardPublisher.Spacing, _publisher.UntilDue);
        _time.Advance(BoardPublisher.Spacing);
        _publisher.Publish(_core);
        Assert.Equal(4711, Read()["a"].Pid);
        Assert.Equal((2, 1), (mapped.ReadGeneration(0), mapped.ReadGeneration(1)));
        _time.Advance(BoardPublisher.Spacing);
        Happen(new BeatReceived("a", 1));
        Assert.Equal(2, mapped.ReadGeneration(0));
    }

    [Fact]
    public void Other_services_make_another_board_and_the_old_one_is_closed()
    {
        MakeFolder();
        Happen(new MonitorStarted(Services("a"), [], []));
        using var mapped = SharedBoardReader.Open(Board);
        _time.Advance(BoardPublisher.Spacing);
        Happen(new ConfigurationChanged(Services("a", "c")));
        Assert.True(mapped.IsClosed);
        Assert.Equal(["a", "c"], Read().Keys);
    }

    [Fact]
    public void The_last_state_is_written_without_waiting()
    {
        MakeFolder();
        Happen(new MonitorStarted(Services("a"), [], []));
        Happen(new LaunchSucceeded("a", 1, 4711, 1, 1));
        _publisher.Finish(_core);
        Assert.Equal(4711, Read()["a"].Pid);
    }

    [Fact]
    public void A_board_that_cannot_be_written_is_told_once_and_tried_again()
    {
        Happen(new MonitorStarted(Services("a"), [], []));
        _time.Advance(BoardPublisher.Retry);
        _publisher.Publish(_core);
        Assert.Single(_complaints);
        MakeFolder();
        _publisher.Publish(_core);
        Assert.False(File.Exists(Board));
        _time.Advance(BoardPublisher.Retry);
        _publisher.Publish(_core);
        Assert.Equal(["a"], Read().Keys);
    }
}
