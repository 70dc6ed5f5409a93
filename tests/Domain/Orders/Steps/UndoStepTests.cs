using System.Reflection;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;
using Holdfast.Domain.Orders.Payments;
using Holdfast.Domain.Orders.Steps;

namespace Holdfast.Tests.Domain.Orders.Steps;

/// <summary>Lines that an operator may leave as they are: those that fail by themselves, not those that only did not answer.</summary>
public sealed class UndoStepTests
{
    private static readonly StepLine Broken = new("broken", 1, Guid.NewGuid());
    private static readonly StepLine Other = new("other", 1, Guid.NewGuid());

    private readonly List<string[]> _left = [];

    [Fact]
    public async Task A_line_that_fails_by_itself_is_left_and_named()
    {
        await GiveUp(static () => new ValueTask<ReservationOutcome>(new ReservationOutcome(ReservationOutcomeStatus.Done)));

        Assert.Equal(["broken"], Assert.Single(_left));
    }

    [Theory]
    [InlineData(typeof(OperationCanceledException))]
    [InlineData(typeof(TaskCanceledException))]
    [InlineData(typeof(TimeoutException))]
    public async Task A_line_that_has_not_answered_is_not_left_however_its_call_has_ended(Type ended)
    {
        await Assert.ThrowsAsync<StepPutBackException>(() => GiveUp(() => throw (Exception)Activator.CreateInstance(ended)!));

        Assert.Empty(_left);
    }

    private Task GiveUp(Func<object> other)
    {
        var order = AnswerBy<IOrderSteps>((method, arguments) => method switch
        {
            nameof(IOrderSteps.AskToUndo) =>
                new ValueTask<LinesWork?>(new LinesWork([Broken, Other], Lasting: false, LeaveWhatFails: true)),
            nameof(IOrderSteps.UndoneExcept) => new ValueTask<StepReport>(Leave((string[])arguments[1]!)),
            _ => throw new NotSupportedException(method),
        });
        var ports = new OrderPorts(
            _ => order,
            sku => AnswerBy<IProductInventory>((_, _) => sku == Broken.Sku ? throw new InvalidOperationException("broken") : other()),
            AnswerBy<IPaymentGateway>(static (method, _) => throw new NotSupportedException(method)),
            new OrderOptions(),
            TimeProvider.System,
            static (_, _, _) => { });
        return UndoStep.Step.Fail(ports, new("ord_1", 1), "It failed too often.", CancellationToken.None);
    }

    private StepReport Leave(string[] skus)
    {
        _left.Add(skus);
        return StepReport.Recorded;
    }

    /// <summary>Stands for a grain or a gateway, and answers each call by its method's name.</summary>
    private static T AnswerBy<T>(Func<string, object?[], object?> answer)
        where T : class
    {
        var stand = DispatchProxy.Create<T, Stand>();
        ((Stand)(object)stand).Answer = answer;
        return stand;
    }

    public class Stand : DispatchProxy
    {
        internal Func<string, object?[], object?> Answer { get; set; } = static (method, _) => throw new NotSupportedException(method);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Answer(targetMethod!.Name, args ?? []);
    }
}
