namespace UnitTests.Controllers;

/// <summary>A clock that a test moves: time that passes, and a machine's wall clock that is set while none does.</summary>
internal sealed class JumpingClock(DateTime start) : TimeProvider
{
    private TimeSpan passed, set;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => passed.Ticks;

    public override DateTimeOffset GetUtcNow() => new(DateTime.SpecifyKind(start, DateTimeKind.Utc) + passed + set);

    public void Advance(TimeSpan time) => passed += time;

    /// <summary>The wall clock alone.</summary>
    public void Jump(TimeSpan by) => set += by;
}
