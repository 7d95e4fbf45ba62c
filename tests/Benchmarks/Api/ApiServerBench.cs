namespace Benchmarks.Api;

/// <summary>The control plane with 1,000 nodes and 30,000 pods stored, as a process of its own on 127.0.0.1, its nodes' leases being renewed all the time.</summary>
internal static class ApiServerBench
{
    private const int Starts = 3;

    /// <param name="top">The top of the repository, whose out/ has the program.</param>
    public static async Task<IReadOnlyList<Figure>> Run(string top, Action<string> progress, CancellationToken cancel)
    {
        var program = $"{top}/out/controlplane/controlplane";
        var directory = Directory.CreateTempSubdirectory("nodeagent-bench-").FullName;
        try
        {
            var raw = RawCommits.Measure(Path.Combine(directory, "raw"), 2_000, Writes.Content);
            var (empty, emptyReady) = await Empty(program, Path.Combine(directory, "empty"), cancel);
            progress("storing the cluster");
            var bytesPerPod = StoredCluster.Write(Path.Combine(directory, "data"));
            var starts = new List<double>();
            for (var i = 1; i < Starts; i++)
            {
                await using var started = await ServerProcess.Start(program, Path.Combine(directory, "data"), cancel);
                starts.Add(started.ReadySeconds);
            }
            await using var server = await ServerProcess.Start(program, Path.Combine(directory, "data"), cancel);
            starts.Add(server.ReadySeconds);
            await using var heartbeats = new Heartbeats(server);
            await Task.Delay(TimeSpan.FromSeconds(30), cancel); // what start-up left to do
            var stored = server.Memory;
            progress($"{stored:0} MB with the cluster stored; reading");
            var figures = new List<Figure> { new($"start-up to ready, {StoredCluster.Pods} pods", new Series("stored", "s", starts), new Series("empty", "s", [emptyReady]), "-") };
            figures.AddRange(await Read(server, directory, cancel));
            progress("writing");
            figures.AddRange(await new Writes(server).Measure(raw, cancel));
            progress("watching");
            figures.Add(await new Watches(server).Measure(cancel));
            figures.Add(new Figure("memory per stored pod", new Series("memory", "kB", [(stored - empty) * 1024 / StoredCluster.Pods]), new Series("its JSON", "kB", [bytesPerPod / 1024]), "-"));
            figures.Add(new Figure("memory with the cluster stored", new Series("control plane", "MB", [stored]), new Series("empty", "MB", [empty]), "below 600 MB"));
            figures.Add(new Figure("memory after all this", new Series("control plane", "MB", [server.Memory]), new Series("empty", "MB", [empty]), "below 600 MB"));
            return figures;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<(double Memory, double Ready)> Empty(string program, string directory, CancellationToken cancel)
    {
        await using var server = await ServerProcess.Start(program, directory, cancel);
        await server.Settle(cancel);
        return (server.Memory, server.ReadySeconds);
    }

    private static async Task<IReadOnlyList<Figure>> Read(ServerProcess server, string directory, CancellationToken cancel)
    {
        var files = Directory.CreateDirectory(Path.Combine(directory, "served")).FullName;
        await Reads.Save(server, files, cancel);
        await using var peer = await KestrelPeer.Start(files, cancel);
        return await new Reads(server, peer).Measure(cancel);
    }
}
