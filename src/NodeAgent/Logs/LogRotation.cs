using System.Globalization;
using KubeApi;
using Linux;
using NodeAgent.Kubelet;

namespace NodeAgent.Logs;

/// <summary>When logs are rotated (the kubelet's containerLogMaxSize and containerLogMaxFiles).</summary>
internal sealed record LogRotationOptions(long MaxSize = 10 << 20, int MaxFiles = 5)
{
    public TimeSpan Look { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Looks from time to time for logs of running containers that have grown too large, and for links to logs that are gone.</summary>
internal sealed class LogRotation(NodePaths paths, LogRotationOptions options, Action<string> log)
{
    private const int LinksEvery = 6;

    private readonly LogRotator rotator = new(options.MaxFiles);

    public async Task Run(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(options.Look);
        try
        {
            for (var look = 0; await timer.WaitForNextTickAsync(cancel); look++)
            {
                await RotateAll(cancel);
                if (look % LinksEvery == 0) LogLinks.RemoveDangling(paths);
            }
        }
        catch (OperationCanceledException) { }
    }

    internal async Task RotateAll(CancellationToken cancel)
    {
        foreach (var path in TooLarge())
        {
            try { await Rotate(path, cancel); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { log($"rotating {path}: {e.Message}"); }
        }
    }

    private List<string> TooLarge()
    {
        try
        {
            return !Directory.Exists(paths.Logs) ? [] : [.. Directory.EnumerateDirectories(paths.Logs).SelectMany(Directory.EnumerateDirectories)
                .SelectMany(container => new DirectoryInfo(container).EnumerateFiles("*.log")).Where(file => file.LinkTarget is null && file.Length > options.MaxSize).Select(file => file.FullName)];
        }
        catch (IOException) { return []; } // a pod was removed meanwhile: next time
    }

    private async Task Rotate(string path, CancellationToken cancel)
    {
        // LOGS/NAMESPACE_POD_UID/CONTAINER/N.log
        var directory = Path.GetDirectoryName(path)!;
        var uid = Path.GetFileName(Path.GetDirectoryName(directory)!).Split('_')[^1];
        if (!int.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var attempt)) return;
        var container = StateFile.TryRead<PodRecord>(paths.PodRecord(uid))?.Container(Path.GetFileName(directory));
        if (container is not { IsRunning: true } || container.Attempt != attempt) return;
        await rotator.Rotate(path, () => ConmonControl.ReopenLog(paths.Bundle(uid, container.Id), path, cancel), DateTime.UtcNow);
    }
}
