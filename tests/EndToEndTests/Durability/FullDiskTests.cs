using EndToEndTests.Fixture;
using KubeApi;
using KubeApi.Objects;

namespace EndToEndTests.Durability;

/// <summary>A control plane whose data lies on a disk of 8 MB, a tmpfs in a mount namespace of its own.</summary>
[Collection(nameof(KilledProcessTests))]
public sealed class FullDiskTests
{
    private const string OnSmallDisk = """
        set -e
        cp -a "$0" "$0.before"; mount -t tmpfs -o size=8m,mode=700 tmpfs "$0"; cp -a "$0.before/." "$0"
        exec "$@"
        """;

    [Fact]
    public async Task On_a_full_disk_writes_fail_in_words_reads_and_watches_go_on_and_writes_work_again_when_there_is_space()
    {
        var directory = Directory.CreateTempSubdirectory("nodeagent-e2e-").FullName;
        using var plane = new ControlPlaneProcess($"{directory}/data");
        try
        {
            using var api = await plane.Client();
            plane.Start("unshare", "--mount", "sh", "-c", OnSmallDisk, plane.DataDirectory);
            await plane.Listening();
            var filler = $"/proc/{plane.Pid}/root{plane.DataDirectory}/filler";
            await api.Create(Map("before"), CancellationToken.None);
            using var stop = new CancellationTokenSource();
            var seen = new List<string>();
            var watching = Watch(api, seen, stop.Token);

            Fill(filler);
            var refused = await Eventually.Get("a write is refused", async () => await Refusal(api), status => status is not null);
            Assert.Equal((500, "InternalError"), (refused!.Code, refused.Reason));
            Assert.Contains($"the disk of the store ({plane.DataDirectory}) is full: nothing was changed. Free some space there", refused.Message);
            Assert.Equal("before", (await api.Get<ConfigMap>("default", "before", CancellationToken.None)).Name);
            var stored = (await api.List<ConfigMap>(new ListOptions("default"), CancellationToken.None)).Items.Select(item => item.Name).Where(IsOurs).ToHashSet();

            File.Delete(filler);
            await api.Create(Map("after"), CancellationToken.None);
            await Eventually.Get("the watch sees it", () => Task.FromResult(Seen(seen)), names => names.Contains("after"));
            Assert.Equal(stored.Append("after").Order(), Seen(seen).Order());
            await stop.CancelAsync();
            await watching;
            Assert.DoesNotContain("Unhandled", plane.Log, StringComparison.Ordinal);
        }
        finally
        {
            plane.Dispose();
            Directory.Delete(directory, recursive: true);
        }
    }

    private static int count;

    /// <summary>Null when the write was made: the log may have had some space in it yet.</summary>
    private static async Task<Status?> Refusal(ApiClient api)
    {
        try
        {
            await api.Create(Map($"during-{count++}"), CancellationToken.None);
            return null;
        }
        catch (ApiException e)
        {
            return e.Status;
        }
    }

    private static async Task Watch(ApiClient api, List<string> seen, CancellationToken cancel)
    {
        try
        {
            await foreach (var change in api.Watch<ConfigMap>(new ListOptions("default"), cancel))
                if (change.Type != "BOOKMARK") lock (seen) seen.Add(change.Object.Name);
        }
        catch (OperationCanceledException) { }
    }

    /// <summary>The controllers make ConfigMaps too (kube-root-ca.crt), whenever they come to it.</summary>
    private static bool IsOurs(string name) => name is "before" or "after" || name.StartsWith("during-", StringComparison.Ordinal);

    private static string[] Seen(List<string> seen)
    {
        lock (seen) return [.. seen.Where(IsOurs).Distinct()];
    }

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (true) file.Write(block);
        }
        catch (IOException) { } // full
    }

    private static ConfigMap Map(string name) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default" }, Data = new Dictionary<string, string> { ["text"] = new string('x', 20_000) },
    };
}
