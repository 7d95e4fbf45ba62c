using EndToEndTests.Fixture;
using KubeApi;
using KubeApi.Objects;

namespace EndToEndTests.Durability;

/// <summary>Runs alone: it needs the machine for itself to be quick.</summary>
[CollectionDefinition(nameof(KilledProcessTests), DisableParallelization = true)]
public sealed class KilledProcessCollection;

/// <summary>
/// The real program, killed with SIGKILL again and again at random moments, most of them amid writes, some while it
/// starts, and started again on the same files.
/// </summary>
[Collection(nameof(KilledProcessTests))]
public sealed class KilledProcessTests
{
    private const int KillsEach = 100, Writers = 6;

    [Fact]
    public async Task Killed_200_times_it_loses_nothing_that_it_acknowledged()
    {
        // Two clusters at once, as starting takes most of the time and there are two cores at least.
        var acknowledged = await Task.WhenAll(Task.Run(() => KillAgainAndAgain<ConfigMap>(1)), Task.Run(() => KillAgainAndAgain<Secret>(2)));
        Assert.True(acknowledged.Sum() > 1_000, $"only {acknowledged.Sum()} writes were acknowledged: the kills hit an idle server");
    }

    private static async Task<int> KillAgainAndAgain<T>(int seed) where T : KubeObject, new()
    {
        var directory = Directory.CreateTempSubdirectory("nodeagent-e2e-").FullName;
        using var plane = new ControlPlaneProcess($"{directory}/data");
        try
        {
            var random = new Random(seed);
            using var api = await plane.Client();
            var revisions = new Revisions();
            var writers = Enumerable.Range(0, Writers).Select(number => new LoadWriter<T>(api, revisions, $"w{number}", seed * 1000 + number)).ToList();
            var watch = new ResumedWatch<T>(api, revisions);
            using var stop = new CancellationTokenSource();
            plane.Start();
            var watching = watch.Run(stop.Token);
            for (var kill = 0; kill < KillsEach; kill++)
            {
                var load = Task.CompletedTask;
                if (kill % 8 == 7) await Task.Delay(random.Next(600)); // while it starts, or soon after
                else
                {
                    await plane.Listening();
                    await Verify(api, writers, watch, watching, revisions);
                    var target = writers.Sum(writer => writer.Acknowledged) + random.Next(15);
                    load = Task.WhenAll(writers.Select(writer => Task.Run(() => writer.Run(stop.Token))));
                    while (writers.Sum(writer => writer.Acknowledged) < target && !load.IsCompleted) await Task.Delay(1);
                    await Task.Delay(random.Next(15));
                }
                await plane.Kill();
                await load;
                plane.Start();
            }
            await plane.Listening();
            await Verify(api, writers, watch, watching, revisions);
            await stop.CancelAsync();
            await watching;
            return writers.Sum(writer => writer.Acknowledged);
        }
        finally
        {
            plane.Dispose();
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>With no writer at work, what is stored is what was acknowledged, and what the watch has seen is what is stored.</summary>
    private static async Task Verify<T>(ApiClient api, List<LoadWriter<T>> writers, ResumedWatch<T> watch, Task watching, Revisions revisions) where T : KubeObject, new()
    {
        var highest = revisions.Highest;
        var list = await api.List<T>(new ListOptions("default"), CancellationToken.None);
        Assert.True(long.Parse(list.Metadata.ResourceVersion!) >= highest, $"the list is of revision {list.Metadata.ResourceVersion}, {highest} was seen before");
        var stored = list.Items.Where(WrittenObject.IsOne).ToDictionary(item => item.Name);
        foreach (var item in stored.Values) revisions.Record(item);
        foreach (var obj in writers.SelectMany(writer => writer.Objects)) obj.Verify(stored.GetValueOrDefault(obj.Name));

        var last = await api.Create(new T() with { Metadata = new ObjectMeta { GenerateName = "last-", Namespace = "default", Annotations = WrittenObject.Content("last;") } }, CancellationToken.None);
        await Eventually.Get("the watch has seen the last write", () => watching.IsFaulted ? throw watching.Exception! : Task.FromResult(watch.Seen), seen => seen >= long.Parse(last.Metadata.ResourceVersion!));
        var expected = stored.Values.Append(last).ToDictionary(item => item.Name, item => long.Parse(item.Metadata.ResourceVersion!));
        Assert.Equal(expected.OrderBy(item => item.Key, StringComparer.Ordinal), watch.Copy.OrderBy(item => item.Key, StringComparer.Ordinal));
        await api.Delete<T>("default", last.Name, CancellationToken.None);
    }
}
