using System.Globalization;
using System.Net;

namespace NodeAgent.Doctor;

/// <summary>A socket that waits for peers.</summary>
internal sealed record Listener(string Protocol, IPAddress Address, int Port, long Inode);

/// <summary>Ports that the agent needs and others may have.</summary>
internal static class PortCheck
{
    private const string TcpListen = "0A", UdpUnconnected = "07";

    /// <param name="needed">Protocol, port, and what it is for.</param>
    /// <param name="owner">Name and number of the process that has a socket; null: nobody knows.</param>
    public static IEnumerable<Finding> Judge(IReadOnlyList<Listener> listeners, IReadOnlyList<(string Protocol, int Port, string Use)> needed, Func<Listener, (string Name, int Pid)?> owner)
    {
        foreach (var (protocol, port, use) in needed)
        {
            // An address of its own (127.0.0.53) disturbs nobody who binds another one.
            var taken = listeners.FirstOrDefault(listener => listener.Protocol == protocol && listener.Port == port && !IPAddress.IsLoopback(listener.Address));
            var by = taken is null ? null : owner(taken);
            if (taken is null || by?.Name == "nodeagent") yield return Finding.Ok($"{protocol} port {port} is {(taken is null ? "free" : "the agent's")} ({use})");
            else yield return Finding.Fault($"{protocol} port {port} ({use}) is taken by {(by is { } process ? $"{process.Name}, process {process.Pid}" : "a program")}",
                $"stop that program{(by is { } known ? $": systemctl status {known.Pid}" : "")}, or choose another port");
        }
    }

    /// <summary>Of /proc/net/tcp and its like: addresses in the machine's byte order, ports in hexadecimal.</summary>
    public static IEnumerable<Listener> Parse(string protocol, IEnumerable<string> lines)
    {
        foreach (var line in lines.Skip(1))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 10 || fields[3] != (protocol == "tcp" ? TcpListen : UdpUnconnected)) continue;
            var (address, port) = (fields[1][..^5], fields[1][^4..]);
            yield return new Listener(protocol, Address(Convert.FromHexString(address)), int.Parse(port, NumberStyles.HexNumber, CultureInfo.InvariantCulture), long.Parse(fields[9], CultureInfo.InvariantCulture));
        }
    }

    public static IReadOnlyList<Listener> Listeners() => [.. from file in new[] { "tcp", "tcp6", "udp", "udp6" }
        let place = $"/proc/self/net/{file}" where File.Exists(place) from listener in Parse(file[..3], File.ReadLines(place)) select listener];

    /// <summary>The process with a descriptor of that socket.</summary>
    public static (string Name, int Pid)? Owner(Listener listener)
    {
        foreach (var process in Directory.GetDirectories("/proc").Where(directory => int.TryParse(Path.GetFileName(directory), out _)))
            try
            {
                if (Directory.GetFiles(process + "/fd").Any(file => File.ResolveLinkTarget(file, false)?.Name == $"socket:[{listener.Inode}]"))
                    return (File.ReadAllText(process + "/comm").Trim(), int.Parse(Path.GetFileName(process), CultureInfo.InvariantCulture));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { } // it has just ended
        return null;
    }

    /// <summary>Words of four bytes, each with its lowest byte first.</summary>
    private static IPAddress Address(byte[] bytes)
    {
        for (var word = 0; word < bytes.Length; word += 4) bytes.AsSpan(word, 4).Reverse();
        var address = new IPAddress(bytes);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }
}
