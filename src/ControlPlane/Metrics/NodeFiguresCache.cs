using System.Collections.Concurrent;
using System.Text.Json;
using ControlPlane.ApiServer;
using ControlPlane.NodeProxy;

namespace ControlPlane.Metrics;

/// <summary>
/// The figures of nodes, fetched from their agents when somebody asks and kept for a few seconds, so that many who ask cost a
/// node no more than one. So many nodes are asked at the same time, each for so long; one that does not answer has none.
/// </summary>
internal sealed class NodeFiguresCache(NodeConnection nodes)
{
    private const string Path = "/stats/summary?only_cpu_and_memory=true";
    private const int AtOnce = 32;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5), Longest = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, (DateTime Fetched, Lazy<Task<NodeFigures?>> Figures)> kept = new();
    private readonly SemaphoreSlim places = new(AtOnce);

    /// <summary>Of those nodes that answered.</summary>
    public async Task<IReadOnlyDictionary<string, NodeFigures>> Get(IReadOnlyCollection<string> names, CancellationToken cancel)
    {
        var now = DateTime.UtcNow;
        foreach (var (name, entry) in kept)
            if (now - entry.Fetched > Fresh && entry.Figures.Value.IsCompleted) kept.TryRemove(new(name, entry));
        var asked = names.Select(name => (name, kept.GetOrAdd(name, _ => (now, new(() => Fetch(name)))).Figures)).ToList();
        // Whoever asks may go away; the others who wait for the same node do not.
        var answers = await Task.WhenAll(asked.Select(entry => entry.Figures.Value)).WaitAsync(cancel);
        return asked.Zip(answers).Where(pair => pair.Second is not null).ToDictionary(pair => pair.First.name, pair => pair.Second!);
    }

    private async Task<NodeFigures?> Fetch(string node)
    {
        await places.WaitAsync();
        using var limit = new CancellationTokenSource(Longest);
        try
        {
            using var answer = await nodes.Get(node, Path, limit.Token);
            if (!answer.IsSuccessStatusCode) return null;
            await using var content = await answer.Content.ReadAsStreamAsync(limit.Token);
            return await NodeFigures.Read(content, limit.Token);
        }
        catch (Exception e) when (e is StatusException or OperationCanceledException or IOException or HttpRequestException or JsonException) { return null; }
        finally { places.Release(); }
    }
}
