using Lifeline.Ipc;
using Lifeline.Monitor;
using Lifeline.Supervision;

namespace Lifeline.Tests.Supervision;

public class OrderDeskTests
{
    [Fact]
    public async Task An_order_completes_with_its_own_answer()
    {
        var desk = new OrderDesk();
        var (first, firstAnswer) = desk.Open();
        var (second, secondAnswer) = desk.Open();
        desk.Answer(new AnswerOrder(second, OrderRefusal.NotFound, "there is no such service"));
        desk.Answer(new AnswerOrder(first, null, ""));
        await firstAnswer;
        var refused = await Assert.ThrowsAsync<IpcException>(() => secondAnswer);
        Assert.Equal(IpcError.NotFound, refused.Error);
    }

    [Fact]
    public void Too_many_orders_are_refused_and_answers_make_room()
    {
        var desk = new OrderDesk();
        var ids = Enumerable.Range(0, SupervisionLimits.MaxPendingOrders).Select(_ => desk.Open().Id).ToList();
        Assert.Equal(IpcError.QueueFull, Assert.Throws<IpcException>(() => desk.Open()).Error);
        desk.Answer(new AnswerOrder(ids[0], null, ""));
        desk.Open();
    }
}
