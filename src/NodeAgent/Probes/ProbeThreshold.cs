using KubeApi.Objects;

namespace NodeAgent.Probes;

/// <summary>Counts the results of one probe of one container: only so many alike in a row make a verdict.</summary>
internal sealed class ProbeThreshold(Probe probe)
{
    private bool last;
    private int inARow;

    /// <returns>Whether the container passes the probe; null: as before, for there were too few results alike so far.</returns>
    public bool? Count(ProbeResult result)
    {
        if (result == ProbeResult.Unknown) return null;
        var passed = result != ProbeResult.Failure;
        inARow = passed == last ? inARow + 1 : 1;
        last = passed;
        return inARow >= ((passed ? probe.SuccessThreshold : probe.FailureThreshold) ?? (passed ? 1 : 3)) ? passed : null;
    }
}
