using System.Text.Json;
using Holdfast.Bench.Measuring;
using Holdfast.Bench.Plain;
using Holdfast.Lab.Races.Counter;
using Holdfast.Lab.Races.LastItems;
using Holdfast.Lab.Races.Profile;
using Orleans.Concurrency;
using Orleans.Transactions;
using Orleans.Transactions.Abstractions;

namespace Holdfast.Lab.Races.Strategies;

/// <summary>A grain whose state takes part in distributed transactions: locked while one runs, written when it commits.</summary>
internal sealed class OrleansTransactions(IGrainFactory grains, TimeProvider clock) : ILastItems, IProfiles, ICounters
{
    public About About { get; } = new(
        "Orleans.Transactions",
        Loses: false,
        "A grain with ITransactionalState in AdoNet grain storage; each call starts a transaction, PerformUpdate checks and changes, and the commit is written "
        + $"before the call returns. An aborted transaction is repeated, at most {Backoff.MaxTries} times.",
        "One change spans several grains (move money from one account to another) and all of it must happen or nothing.",
        "One grain alone: a plain one does the same with less. A hot grain in many transactions at once: locks time out, and "
        + "transactions that meet crosswise abort each other.",
        "Two-phase commit: the state is written with the transaction's records, in batches when several wait. A failure can leave a "
        + "transaction in doubt, and its caller not knowing.",
        "Only single-grain transactions are raced here, which is not what it is made for. Orleans 10.4 ships no transactional state "
        + "storage for PostgreSQL: plain grain storage is wrapped, and all records of a grain are written as one document.");

    public Task Create(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task Stock(string sku, long units) => Item(sku).Stock(units);

    public ValueTask<Answer> Buy(string sku, Client buyer) =>
        Transact(buyer, async () => await Item(sku).Buy() ? Reply.Done : Reply.Refused);

    public async Task<long> Left(string sku)
    {
        await Item(sku).Forget();
        return await Item(sku).Left();
    }

    public Task Put(string user, string json) => Profile(user).Put(json);

    public ValueTask<Answer> Edit(string user, FieldEdit edit, Client editor) => Transact(editor, async () =>
    {
        await Profile(user).Set(edit.Field, edit.Value);
        return Reply.Done;
    });

    public async Task<string> Read(string user)
    {
        await Profile(user).Forget();
        return await Profile(user).Read();
    }

    public Task Start(string counter) => Task.CompletedTask;

    public ValueTask<Answer> Increment(string counter, Client client) => Transact(client, async () =>
    {
        await Counter(counter).Increment();
        return Reply.Done;
    });

    public async Task<long> Value(string counter)
    {
        await Counter(counter).Forget();
        return await Counter(counter).Value();
    }

    private ITransactionalItem Item(string sku) => grains.GetGrain<ITransactionalItem>(sku);

    private ITransactionalProfile Profile(string user) => grains.GetGrain<ITransactionalProfile>(user);

    private ITransactionalCounter Counter(string name) => grains.GetGrain<ITransactionalCounter>(name);

    private ValueTask<Answer> Transact(Client client, Func<Task<Reply>> call) => Backoff.Retry(client, clock, async () =>
    {
        try
        {
            return await call();
        }
        catch (OrleansTransactionAbortedException)
        {
            return null;
        }
        catch (OrleansTransactionInDoubtException)
        {
            return Reply.InDoubt;
        }
    });
}

[Alias("bench.races.ITransactionalItem")]
internal interface ITransactionalItem : IGrainWithStringKey
{
    /// <summary>Leaves memory, so that the next call reads what is stored.</summary>
    [Alias("Forget")]
    Task Forget();

    [Alias("Stock"), Transaction(TransactionOption.Create)]
    Task Stock(long units);

    [Alias("Buy"), Transaction(TransactionOption.CreateOrJoin)]
    Task<bool> Buy();

    [Alias("Left"), Transaction(TransactionOption.CreateOrJoin)]
    Task<long> Left();
}

[Alias("bench.races.ITransactionalProfile")]
internal interface ITransactionalProfile : IGrainWithStringKey
{
    /// <summary>Leaves memory, so that the next call reads what is stored.</summary>
    [Alias("Forget")]
    Task Forget();

    [Alias("Put"), Transaction(TransactionOption.Create)]
    Task Put(string json);

    [Alias("Set"), Transaction(TransactionOption.CreateOrJoin)]
    Task Set(string field, string value);

    [Alias("Read"), Transaction(TransactionOption.CreateOrJoin)]
    Task<string> Read();
}

[Alias("bench.races.ITransactionalCounter")]
internal interface ITransactionalCounter : IGrainWithStringKey
{
    /// <summary>Leaves memory, so that the next call reads what is stored.</summary>
    [Alias("Forget")]
    Task Forget();

    [Alias("Increment"), Transaction(TransactionOption.CreateOrJoin)]
    Task Increment();

    [Alias("Value"), Transaction(TransactionOption.CreateOrJoin)]
    Task<long> Value();
}

[GenerateSerializer, Alias("bench.races.TransactionalNumber")]
internal sealed class TransactionalNumber
{
    [Id(0)]
    public long Value { get; set; }
}

[GenerateSerializer, Alias("bench.races.TransactionalFields")]
internal sealed class TransactionalFields
{
    [Id(0)]
    public Dictionary<string, string> Fields { get; set; } = [];
}

[Reentrant]
internal sealed class TransactionalItem(
    [TransactionalState("item", PlainStorage.Name)] ITransactionalState<TransactionalNumber> units) : Grain, ITransactionalItem
{
    public Task Forget()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task Stock(long number) => units.PerformUpdate(state => state.Value = number);

    public Task<bool> Buy() => units.PerformUpdate(static state =>
    {
        if (state.Value == 0) return false;
        state.Value--;
        return true;
    });

    public Task<long> Left() => units.PerformRead(static state => state.Value);
}

[Reentrant]
internal sealed class TransactionalProfile(
    [TransactionalState("profile", PlainStorage.Name)] ITransactionalState<TransactionalFields> profile) : Grain, ITransactionalProfile
{
    public Task Forget()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task Put(string json) =>
        profile.PerformUpdate(state => state.Fields = JsonSerializer.Deserialize<Dictionary<string, string>>(json)!);

    public Task Set(string field, string value) => profile.PerformUpdate(state => state.Fields[field] = value);

    public Task<string> Read() => profile.PerformRead(static state => JsonSerializer.Serialize(state.Fields));
}

[Reentrant]
internal sealed class TransactionalCounter(
    [TransactionalState("counter", PlainStorage.Name)] ITransactionalState<TransactionalNumber> counter) : Grain, ITransactionalCounter
{
    public Task Forget()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task Increment() => counter.PerformUpdate(static state => ++state.Value);

    public Task<long> Value() => counter.PerformRead(static state => state.Value);
}
