namespace NodeAgent;

/// <summary>
/// Held by whoever changes this machine: one agent, or its <c>cleanup</c>. A lock on <c>/run/nodeagent/lock</c>, which ends
/// with the process however that ends.
/// </summary>
internal static class AgentLock
{
    /// <summary>How long whoever only asks may be in the way.</summary>
    private static readonly TimeSpan Asking = TimeSpan.FromMilliseconds(20);

    private const int Tries = 5;

    /// <exception cref="IOException">Another process has it; the message says which and what to do.</exception>
    public static IDisposable Take(NodePaths paths)
    {
        Directory.CreateDirectory(paths.Run);
        for (var attempt = 1; ; attempt++)
        {
            try { return new FileStream(Place(paths), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None); }
            catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
            {
                if (attempt == Tries) throw new IOException($"a nodeagent is at work with {paths.Run} already: stop it first ({e.Message})", e);
                Thread.Sleep(Asking);
            }
        }
    }

    /// <summary>Whether somebody has it just now.</summary>
    public static bool IsTaken(NodePaths paths)
    {
        try
        {
            using var shared = new FileStream(Place(paths), FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException) { return false; }
        catch (IOException) { return true; }
    }

    private static string Place(NodePaths paths) => Path.Combine(paths.Run, "lock");
}
