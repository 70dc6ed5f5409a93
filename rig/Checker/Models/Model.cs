namespace Holdfast.Checker.Models;

/// <summary>How one kind of object behaves when it is used by one client at a time.</summary>
internal abstract class Model
{
    public static IReadOnlyList<Model> All { get; } =
        [new RegisterModel(), new CounterModel(), new StockModel(), new ProfileModel(), new KvModel(), new LeaseModel()];

    /// <summary>The name on the command line.</summary>
    public abstract string Name { get; }

    /// <param name="operations">One key's operations without the failed ones, in order of their calls.</param>
    /// <exception cref="HistoryException">An operation is not one of the model.</exception>
    public abstract KeyCheck Prepare(Operation[] operations);
}

/// <typeparam name="TOperation">An operation of the model; equal ones do the same to every state, unless the model says otherwise.</typeparam>
/// <typeparam name="TState">All that later answers can depend on.</typeparam>
internal abstract class Model<TOperation, TState> : Model
    where TOperation : struct, IEquatable<TOperation>
    where TState : unmanaged, IEquatable<TState>
{
    public sealed override KeyCheck Prepare(Operation[] operations)
    {
        var parsed = Array.ConvertAll(operations, Parse);
        RefuseContradictoryInputs(operations, parsed);
        return new KeyCheck<TOperation, TState>(this, operations, parsed);
    }

    public abstract TOperation Parse(Operation operation);

    /// <summary>The operation as if its answer had been lost.</summary>
    public abstract TOperation Forget(TOperation operation);

    /// <summary>By its answer, the operation certainly left the state as it was.</summary>
    public abstract bool ChangesNothing(TOperation operation);

    /// <exception cref="HistoryException">The inputs, whatever was answered, cannot belong to one history.</exception>
    protected virtual void RefuseContradictoryInputs(Operation[] operations, TOperation[] parsed)
    {
    }

    public abstract IRules<TState> Bind(TOperation[] operations, long[] calls, long[] returns);
}
