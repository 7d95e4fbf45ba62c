namespace ControlPlane.Controllers;

/// <summary>
/// Time during which this process could listen: monotonic, so that no change of the machine's clock counts, and without the times in which the
/// process did not run (stopped, suspended with its machine, starved of CPU). Whoever said nothing during those may have tried to.
/// </summary>
internal sealed class ListeningTime
{
    /// <summary>Between two calls of <see cref="Tick"/> no more than this counts. It must be longer than the pause between them.</summary>
    public static readonly TimeSpan LongestStep = TimeSpan.FromSeconds(1);

    private readonly TimeProvider clock;
    private readonly Lock guard = new();
    private TimeSpan before;
    private long lastTick;

    public ListeningTime(TimeProvider clock) => (this.clock, lastTick) = (clock, clock.GetTimestamp());

    /// <summary>Only ever grows, but for <see cref="Discount"/>.</summary>
    public TimeSpan Now
    {
        get { lock (guard) return before + Step; }
    }

    /// <summary>Says that the process runs; call it several times a second.</summary>
    public void Tick()
    {
        lock (guard) (before, lastTick) = (before + Step, clock.GetTimestamp());
    }

    /// <summary>Takes away a time in which, as it turned out, nobody could be heard.</summary>
    public void Discount(TimeSpan deaf)
    {
        lock (guard) before -= deaf;
    }

    private TimeSpan Step => clock.GetElapsedTime(lastTick) is var elapsed && elapsed < LongestStep ? elapsed : LongestStep;
}
