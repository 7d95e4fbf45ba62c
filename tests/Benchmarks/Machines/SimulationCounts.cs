namespace Benchmarks.Machines;

/// <summary>What the simulated nodes have done so far; by any thread.</summary>
internal sealed class SimulationCounts
{
    private int statuses, troubles;

    public int Statuses => Volatile.Read(ref statuses);

    /// <summary>Lines that agents would have logged: lost connections, refused writes.</summary>
    public int Troubles => Volatile.Read(ref troubles);

    public void StatusWritten() => Interlocked.Increment(ref statuses);

    /// <summary>The first ones are told in full, to who watches the bench.</summary>
    public void Trouble(string line)
    {
        if (line.StartsWith("registered node", StringComparison.Ordinal)) return;
        if (Interlocked.Increment(ref troubles) <= 5) Console.Error.WriteLine($"bench: simulated nodes: {line}");
    }
}
