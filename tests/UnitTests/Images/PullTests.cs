using NodeAgent.Images;

namespace UnitTests.Images;

public sealed class PullTests
{
    [Fact]
    public void A_failed_pull_waits_ten_seconds_then_twice_as_long_up_to_five_minutes_and_each_pod_by_itself()
    {
        var now = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var backOff = new PullBackOff(() => now);
        foreach (var seconds in new[] { 10, 20, 40, 80, 160, 300, 300 })
        {
            backOff.Failed("pod1_nginx", "no");
            now = now.AddSeconds(seconds - 1);
            Assert.Equal("no", backOff.Standing("pod1_nginx"));
            Assert.Null(backOff.Standing("pod2_nginx"));
            now = now.AddSeconds(1);
            Assert.Null(backOff.Standing("pod1_nginx"));
        }
        backOff.Succeeded("pod1_nginx");
        backOff.Failed("pod1_nginx", "no");
        now = now.AddSeconds(10);
        Assert.Null(backOff.Standing("pod1_nginx"));
    }

    [Fact]
    public async Task An_image_is_pulled_once_at_a_time_and_no_more_images_than_allowed()
    {
        var queue = new PullQueue(2);
        var (running, most, sameRunning, sameMost) = (0, 0, 0, 0);
        async Task<int> Pull(bool same)
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            if (same) sameMost = Math.Max(sameMost, Interlocked.Increment(ref sameRunning));
            await Task.Delay(20);
            if (same) Interlocked.Decrement(ref sameRunning);
            Interlocked.Decrement(ref running);
            return 1;
        }
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => queue.Run(i % 2 == 0 ? "same" : $"image{i}", () => Pull(i % 2 == 0), CancellationToken.None)));
        Assert.Equal(1, sameMost);
        Assert.Equal(2, most);
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public async Task Who_gives_up_waiting_holds_up_nobody()
    {
        var queue = new PullQueue(1);
        var (first, gone) = (new TaskCompletionSource<int>(), new CancellationTokenSource());
        var running = queue.Run("a", () => first.Task, CancellationToken.None);
        var waiting = queue.Run("a", () => Task.FromResult(2), gone.Token);
        var other = queue.Run("b", () => Task.FromResult(3), CancellationToken.None);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        first.SetResult(1);
        Assert.Equal((1, 3), (await running, await other));
        Assert.Equal(0, queue.Count);
    }

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(523, "523ms")]
    [InlineData(1200, "1.2s")]
    [InlineData(1204, "1.204s")]
    [InlineData(63_004, "1m3.004s")]
    [InlineData(3_600_000, "1h0m0s")]
    public void Durations_are_written_as_Go_writes_them(int milliseconds, string words) =>
        Assert.Equal(words, PullWords.Duration(TimeSpan.FromMilliseconds(milliseconds)));

    [Fact]
    public void An_image_that_was_pulled_with_a_pods_credentials_is_for_pods_that_have_them()
    {
        var directory = Directory.CreateTempSubdirectory("pulled-").FullName;
        try
        {
            var (digest, mine, other) = ($"sha256:{new string('1', 64)}", new RegistryCredential("quay.io", "a", "s3cret", "ns/mine/1"), new RegistryCredential("quay.io", "a", "s3cret", "ns/other/2"));
            Assert.Null(PullRecord.Read(directory, digest));
            PullRecord.Add(directory, digest, mine);
            Assert.True(PullRecord.Read(directory, digest)!.Allows([other, mine]));
            Assert.False(PullRecord.Read(directory, digest)!.Allows([other]));
            Assert.False(PullRecord.Read(directory, digest)!.Allows([]));
            Assert.DoesNotContain("s3cret", string.Join("", Directory.GetFiles(directory, "*", SearchOption.AllDirectories).Select(File.ReadAllText)));
            PullRecord.Add(directory, digest, null);
            Assert.True(PullRecord.Read(directory, digest)!.Allows([]));
            for (var i = 0; i < 200; i++) PullRecord.Add(directory, digest, mine with { Secret = $"ns/many/{i}" });
            Assert.Equal(100, PullRecord.Read(directory, digest)!.Secrets.Count);
        }
        finally { Directory.Delete(directory, recursive: true); }
    }
}
