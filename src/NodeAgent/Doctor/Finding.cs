namespace NodeAgent.Doctor;

/// <summary>What a finding means for a node.</summary>
internal enum Verdict
{
    Ok,

    /// <summary>Worth knowing; the node works.</summary>
    Note,

    /// <summary>The node, or a part of it, does not work.</summary>
    Fault,
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Mend">The command that mends it, or what is to be done.</param>
internal sealed record Finding(Verdict Verdict, string Text, string? Mend = null)
{
    public static Finding Ok(string text) => new(Verdict.Ok, text);
    public static Finding Note(string text, string? mend = null) => new(Verdict.Note, text, mend);
    public static Finding Fault(string text, string mend) => new(Verdict.Fault, text, mend);

    /// <summary>As <c>nodeagent doctor</c> prints it.</summary>
    public override string ToString() => $"  {Word,-6} {Text}{(Mend is null ? "" : $"{Environment.NewLine}         {Mend}")}";

    private string Word => Verdict switch { Verdict.Ok => "ok", Verdict.Note => "note", _ => "FAULT" };
}
