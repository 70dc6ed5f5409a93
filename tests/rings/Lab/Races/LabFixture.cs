using Holdfast.Bench.Measuring;
using Holdfast.Lab.Races;

namespace Holdfast.Rings.Lab.Races;

/// <summary>One lab for all tests of the class: a PostgreSQL, a Redis and a silo; none where they cannot be started.</summary>
public sealed class LabFixture : IAsyncLifetime
{
    private WorkDirectory? _work;
    private BenchStores? _stores;
    private RaceLab? _lab;

    internal RaceLab Lab => _lab!;

    internal IReadOnlyList<IStrategy> Strategies { get; private set; } = [];

    public async Task InitializeAsync()
    {
        if (RaceLab.WhyUnavailable is not null) return;

        // Not a private directory: PostgreSQL may have to run as another user.
        _work = new(Path.Combine(Path.GetTempPath(), $"holdfast-races-{Path.GetRandomFileName()}"));
        _stores = new(StoreKind.Postgres, _work, TimeProvider.System);
        _lab = await RaceLab.Open(_stores, _work.Path, TimeProvider.System, CancellationToken.None);
        Strategies = _lab.Strategies();
        foreach (var strategy in Strategies) await strategy.Create(CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        if (_lab is not null) await _lab.DisposeAsync();
        if (_stores is not null) await _stores.DisposeAsync();
        _work?.Dispose();
        if (_work is not null) Directory.Delete(Path.GetDirectoryName(_work.Path)!);
    }
}

/// <summary>A fact about the race lab, which needs PostgreSQL and Redis. Where one is missing, it is reported as skipped, with the reason.</summary>
public sealed class LabFactAttribute : FactAttribute
{
    public LabFactAttribute() => Skip = RaceLab.WhyUnavailable;
}

/// <summary>A theory about the race lab, which needs the same.</summary>
public sealed class LabTheoryAttribute : TheoryAttribute
{
    public LabTheoryAttribute() => Skip = RaceLab.WhyUnavailable;
}
