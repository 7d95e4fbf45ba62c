namespace NodeAgent;

/// <summary>
/// The options that the package's service runs the agent with: NODEAGENT_OPTS in <c>/etc/nodeagent/nodeagent.env</c>, split at
/// spaces as systemd splits them. Commands beside the service look where it works, without being told again.
/// </summary>
internal static class ServiceOptions
{
    public const string File = "/etc/nodeagent/nodeagent.env";

    private const string Variable = "NODEAGENT_OPTS=";

    /// <summary>The value of an option there; null: it has none, or the machine has no such file.</summary>
    public static string? Configured(string option, string file = File)
    {
        try { return Value(System.IO.File.ReadAllLines(file), option); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; }
    }

    /// <summary>As <c>--name VALUE</c> or <c>--name=VALUE</c>; the last one counts, in the last line that sets the variable.</summary>
    public static string? Value(IEnumerable<string> lines, string option)
    {
        var words = lines.LastOrDefault(line => line.StartsWith(Variable, StringComparison.Ordinal))?[Variable.Length..].Trim().Trim('"', '\'').Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        string? value = null;
        for (var at = 0; at < words.Length; at++)
            if (words[at].StartsWith(option + "=", StringComparison.Ordinal)) value = words[at][(option.Length + 1)..];
            else if (words[at] == option && at + 1 < words.Length) value = words[at + 1];
        return value;
    }
}
