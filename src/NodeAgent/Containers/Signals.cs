using Linux;

namespace NodeAgent.Containers;

/// <summary>Signals by the names that images use for STOPSIGNAL (signal(7), x86 and ARM numbers).</summary>
internal static class Signals
{
    private static readonly Dictionary<string, int> Numbers = new()
    {
        ["HUP"] = 1, ["INT"] = 2, ["QUIT"] = 3, ["ABRT"] = 6, ["KILL"] = 9, ["USR1"] = 10, ["USR2"] = 12, ["ALRM"] = 14, ["TERM"] = 15, ["WINCH"] = 28,
    };

    /// <summary>SIGTERM where the text is missing or no signal.</summary>
    public static int Number(string? text)
    {
        if (string.IsNullOrEmpty(text)) return LibC.SIGTERM;
        if (int.TryParse(text, out var number) && number is > 0 and < 65) return number;
        var name = text.ToUpperInvariant();
        if (name.StartsWith("SIG", StringComparison.Ordinal)) name = name[3..];
        if (name.StartsWith("RTMIN+", StringComparison.Ordinal) && int.TryParse(name[6..], out var offset)) return 34 + offset;
        return Numbers.GetValueOrDefault(name, LibC.SIGTERM);
    }
}
