namespace NodeAgent.Probes;

/// <summary>pkg/probe Result. Warning counts as a success, Unknown (the check could not be made) counts neither way.</summary>
internal enum ProbeResult { Success, Warning, Failure, Unknown }

/// <summary>What one check found, and what is said of it in an event.</summary>
internal readonly record struct ProbeOutcome(ProbeResult Result, string Output)
{
    public static ProbeOutcome Success(string output = "") => new(ProbeResult.Success, output);

    public static ProbeOutcome Failure(string output) => new(ProbeResult.Failure, output);

    public static ProbeOutcome Unknown(string output) => new(ProbeResult.Unknown, output);
}
