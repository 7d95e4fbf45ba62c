using System.Net;
using System.Net.Sockets;
using Linux;

namespace Lab;

/// <summary>
/// Carries connections from 127.0.0.1:PORT of the host to the API server's unix socket: the only thing of a cluster that the host's
/// network sees. It is socat, which passes bytes on; TLS is between kubectl and the API server.
/// </summary>
internal sealed record Relay(Cluster Cluster)
{
    private const string Member = "relay";
    private const int FirstPort = 6443, LastPort = 6999;

    public bool IsRunning => Cluster.Cgroups.Processes(Member).Count > 0;

    /// <summary>Starts it unless it runs.</summary>
    /// <returns>The port: the same as before, if that is still free.</returns>
    /// <exception cref="LabException">No port is free.</exception>
    public async Task<int> Start()
    {
        if (IsRunning && Cluster.Settings?.Port is { } running) return running;
        foreach (var port in Candidates())
        {
            if (!IsFree(port) || !await Start(port)) continue;
            Cluster.Write(Cluster.Settings! with { Port = port });
            return port;
        }
        throw new LabException($"no port of 127.0.0.1 from {FirstPort} to {LastPort} is free for the API server");
    }

    private IEnumerable<int> Candidates()
    {
        var mine = Cluster.Settings?.Port;
        var others = ClusterPaths.Clusters().Where(name => name != Cluster.Name && ClusterPaths.IsName(name))
            .Select(name => new Cluster(name).Settings?.Port).ToHashSet();
        var rest = Enumerable.Range(FirstPort, LastPort - FirstPort + 1).Where(port => !others.Contains(port));
        return mine is { } before ? rest.Prepend(before) : rest;
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException) { return false; }
    }

    private async Task<bool> Start(int port)
    {
        await Cluster.Cgroups.Remove(Member);
        var cgroups = Cluster.Cgroups.Create(Member);
        // Its output must go to a file: whoever reads that of 'lab up' would wait for the end of the relay.
        var command = MachineEntry.Joining(cgroups,
        [
            "/bin/sh", "-c", "log=$1; shift; exec setsid --fork \"$@\" </dev/null >>\"$log\" 2>&1", "relay", Cluster.Paths.RelayLog,
            "socat", "-t", "60", $"TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork,backlog=1024,nodelay", $"UNIX-CONNECT:{Cluster.Paths.ApiSocket}",
        ]);
        await CommandRunner.Run(command[0], command.Skip(1));
        // It listens at once, or has ended because another program was faster.
        var listens = false;
        await Poll.Until(() => !IsRunning || (listens = Listens(port)), TimeSpan.FromSeconds(5), () => $"the relay does not listen on 127.0.0.1:{port}");
        return listens;
    }

    /// <summary>From the kernel's table, without a connection: "0100007F:192B … 0A" is 127.0.0.1:6443 listening (proc(5)).</summary>
    private static bool Listens(int port) =>
        File.ReadLines("/proc/net/tcp").Any(line => line.Contains($" 0100007F:{port:X4} 00000000:0000 0A ", StringComparison.Ordinal));
}
