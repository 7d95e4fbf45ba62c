namespace NodeAgent;

/// <summary>
/// Held by whoever changes this machine: one agent, or its <c>cleanup</c>. A lock on <c>/run/nodeagent/lock</c>, which ends
/// with the process however that ends.
/// </summary>
internal static class AgentLock
{
    /// <exception cref="IOException">Another process has it; the message says which and what to do.</exception>
    public static IDisposable Take(NodePaths paths)
    {
        Directory.CreateDirectory(paths.Run);
        try { return new FileStream(Path.Combine(paths.Run, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None); }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new IOException($"a nodeagent is at work with {paths.Run} already: stop it first ({e.Message})", e);
        }
    }
}
