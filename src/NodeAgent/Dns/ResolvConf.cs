using System.Net;

namespace NodeAgent.Dns;

/// <summary>What resolv.conf(5) says, as the kubelet reads it: comments left out, the last "search" wins, options add up.</summary>
internal sealed record ResolvConf(IReadOnlyList<string> Servers, IReadOnlyList<string> Searches, IReadOnlyList<string> Options)
{
    public static ResolvConf Empty { get; } = new([], [], []);

    public static ResolvConf Parse(string text)
    {
        List<string> servers = [], searches = [], options = [];
        foreach (var line in text.Split('\n'))
        {
            if (line.Length == 0 || line[0] is '#' or ';') continue;
            var words = line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2) continue;
            if (words[0] == "nameserver") servers.Add(words[1]);
            else if (words[0] == "search") searches = [.. words[1..].Select(word => word == "." ? word : word.TrimEnd('.'))];
            else if (words[0] == "options")
                foreach (var option in words[1..])
                {
                    options.RemoveAll(other => other.Split(':')[0] == option.Split(':')[0]);
                    options.Add(option);
                }
        }
        return new(servers, searches, options);
    }
}

/// <summary>
/// The node's own resolv.conf. Where that names only a resolver on the loopback (systemd-resolved), which pods could not reach, the file
/// with the servers behind it counts.
/// </summary>
internal sealed class NodeResolvConf(string path = "/etc/resolv.conf", string behindStub = "/run/systemd/resolve/resolv.conf")
{
    /// <summary>As it is now; empty where there is none.</summary>
    public ResolvConf Read()
    {
        var own = Read(path);
        return own.Servers.Count > 0 && own.Servers.All(IsLoopback) && Read(behindStub) is { Servers.Count: > 0 } real ? real : own;
    }

    /// <summary>Whether reading it again could give something else.</summary>
    public (DateTime, DateTime) Version => (File.GetLastWriteTimeUtc(path), File.GetLastWriteTimeUtc(behindStub));

    private static bool IsLoopback(string server) => IPAddress.TryParse(server, out var address) && IPAddress.IsLoopback(address);

    private static ResolvConf Read(string file)
    {
        try { return ResolvConf.Parse(File.ReadAllText(file)); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return ResolvConf.Empty; }
    }
}
