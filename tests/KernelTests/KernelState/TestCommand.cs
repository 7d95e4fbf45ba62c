namespace KernelTests.KernelState;

/// <summary>A rule as iptables-save prints it, as arguments of iptables.</summary>
internal static class TestCommand
{
    /// <summary>At blanks, but for those within double quotes.</summary>
    public static string[] Split(string line) =>
        [.. line.Split('"').SelectMany((part, i) => i % 2 == 1 ? [part] : part.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
}
