namespace NodeAgent.KernelState;

/// <summary>What was altered and mended, in a sentence. Pure.</summary>
internal static class RepairText
{
    /// <summary>How many entries are named, and how much of each; an event has room for 1,024 characters.</summary>
    private const int Named = 3, LongestEntry = 220;

    /// <param name="by">Whoever did it, e.g. "nft[1234]"; null = unknown.</param>
    public static string Of(IReadOnlyList<KernelChange> repairs, string? by)
    {
        var culprit = by is null ? "" : $" by {by}";
        if (repairs is [var only]) return $"{Named1(only)} was {Done(only.Action)}{culprit}; {Mended(only.Action)}";
        var named = string.Join("; ", repairs.Take(Named).Select(repair => $"{Named1(repair)} was {Done(repair.Action)}"));
        return $"{repairs.Count} entries were altered{culprit} and are restored: {named}{(repairs.Count > Named ? $"; and {repairs.Count - Named} more" : "")}";
    }

    private static string Named1(KernelChange repair) => $"{Short($"{repair.Entry.Kind} {repair.Entry.Text}")} ({WithoutVersion(repair.Entry.Origin)})";

    /// <summary>The same alteration makes the same sentence, and so one event, whatever the object's version is.</summary>
    private static string WithoutVersion(string origin) => origin.EndsWith(')') && origin.IndexOf(" (", StringComparison.Ordinal) is > 0 and var at ? origin[..at] : origin;

    private static string Short(string text) => text.Length <= LongestEntry ? text : text[..LongestEntry] + "…";

    private static string Done(ChangeAction mending) => mending switch { ChangeAction.Add => "deleted", ChangeAction.Delete => "added", _ => "changed" };

    private static string Mended(ChangeAction mending) => mending switch { ChangeAction.Add => "restored", ChangeAction.Delete => "removed", _ => "set back" };
}
