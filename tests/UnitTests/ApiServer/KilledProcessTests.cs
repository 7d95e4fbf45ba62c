using KubeApi;
using KubeApi.Objects;
using Xunit;

namespace UnitTests.ApiServer;

/// <summary>The real program, killed with SIGKILL while it writes, and started again on the same files.</summary>
public sealed class KilledProcessTests : IDisposable
{
    private const int Kills = 3, Writers = 8;

    private readonly TemporaryDirectory directory = new();
    private readonly ControlPlaneProgram program;

    public KilledProcessTests() => program = new ControlPlaneProgram(directory);

    public void Dispose()
    {
        program.Dispose();
        directory.Dispose();
    }

    [Fact]
    public async Task Killed_at_any_time_it_keeps_everything_that_it_acknowledged()
    {
        var acknowledged = new System.Collections.Concurrent.ConcurrentDictionary<string, string>();
        for (var round = 0; round < Kills; round++)
        {
            await program.Start();
            using var api = program.Client();
            using var stop = new CancellationTokenSource();
            var prefix = $"round{round}";
            var before = acknowledged.Count;
            var writers = Enumerable.Range(0, Writers).Select(writer => Write(api, $"{prefix}-{writer}", acknowledged, stop.Token)).ToList();
            while (acknowledged.Count < before + 100) await Task.Delay(5);
            await program.Kill(); // in the midst of writes
            await stop.CancelAsync();
            await Task.WhenAll(writers);
        }
        await program.Start();
        using var survivor = program.Client();
        var kept = (await survivor.List<ConfigMap>(new ListOptions("default"), CancellationToken.None)).Items.ToDictionary(map => map.Name, map => map.Metadata.ResourceVersion);
        foreach (var (name, revision) in acknowledged) Assert.Equal(revision, kept.GetValueOrDefault(name));
        var next = await survivor.Create(Map("last"), CancellationToken.None);
        Assert.True(long.Parse(next.Metadata.ResourceVersion!) > acknowledged.Values.Max(long.Parse));
    }

    private static async Task Write(ApiClient api, string prefix, System.Collections.Concurrent.ConcurrentDictionary<string, string> acknowledged, CancellationToken cancel)
    {
        for (var i = 0; !cancel.IsCancellationRequested; i++)
        {
            try
            {
                var created = await api.Create(Map($"{prefix}-{i}"), cancel);
                acknowledged[created.Name] = created.Metadata.ResourceVersion!;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                return; // killed before it answered: whether that one is kept does not matter
            }
        }
    }

    private static ConfigMap Map(string name) =>
        new() { Metadata = new ObjectMeta { Name = name, Namespace = "default" }, Data = new Dictionary<string, string> { ["text"] = new string('x', 1000) } };
}
