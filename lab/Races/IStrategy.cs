namespace Holdfast.Lab.Races;

/// <summary>
/// One way that engineers reach for. It also is a contestant of each scenario whose interface it has (<see cref="LastItems.ILastItems"/>,
/// <see cref="Profile.IProfiles"/>, <see cref="Counter.ICounters"/>, <see cref="Events.IEventConsumer"/>).
/// </summary>
internal interface IStrategy
{
    About About { get; }

    /// <summary>Makes its tables; once.</summary>
    Task Create(CancellationToken cancellationToken);
}

/// <summary>What the lab says about a strategy. Plain text, whole sentences.</summary>
/// <param name="Name">A few words.</param>
/// <param name="Loses">It is here to show how changes get lost.</param>
/// <param name="How">What one operation does.</param>
/// <param name="UseWhen">Where it is the right choice.</param>
/// <param name="NotWhen">Where it is the wrong one.</param>
/// <param name="Cost">What is paid for it, and when.</param>
/// <param name="Unlike">What it does less or more than the others here.</param>
internal sealed record About(string Name, bool Loses, string How, string UseWhen, string NotWhen, string Cost, string Unlike);
