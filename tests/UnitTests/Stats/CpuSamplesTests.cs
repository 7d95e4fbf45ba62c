using NodeAgent.Stats;

namespace UnitTests.Stats;

public class CpuSamplesTests
{
    private static readonly DateTime T = new(2026, 3, 1, 10, 0, 0, DateTimeKind.Utc);

    private static CpuSample At(double seconds, double used) => new(T.AddSeconds(seconds), (long)(used * 1e9));

    private readonly CpuSamples samples = new();

    private void Add(double seconds, double used) => samples.Add([("g", At(seconds, used))]);

    [Fact]
    public void The_rate_is_over_the_time_since_a_sample_that_is_old_enough()
    {
        Add(0, 0);
        Add(15, 1.5);
        Assert.Equal((200_000_000, TimeSpan.FromSeconds(20)), samples.Rate("g", At(20, 4), null)); // the newer sample is 5 s old only
        Assert.Equal((500_000_000, TimeSpan.FromSeconds(10)), samples.Rate("g", At(25, 6.5), null));
    }

    [Fact]
    public void A_group_without_samples_counts_from_its_beginning() =>
        Assert.Equal((1_000_000_000, TimeSpan.FromSeconds(2)), samples.Rate("g", At(2, 2), T));

    [Fact]
    public void Nothing_to_compare_with_is_no_rate() => Assert.Null(samples.Rate("g", At(2, 2), null));

    [Fact]
    public void One_sample_will_do()
    {
        Add(0, 1);
        Assert.Equal((500_000_000, TimeSpan.FromSeconds(4)), samples.Rate("g", At(4, 3), T.AddHours(-1)));
    }

    [Fact]
    public void A_group_that_is_gone_is_forgotten()
    {
        Add(0, 1);
        samples.Add([]);
        Assert.Null(samples.Rate("g", At(4, 3), null));
    }

    [Fact]
    public void A_rate_is_never_below_nothing()
    {
        Add(0, 5);
        Assert.Equal(0, samples.Rate("g", At(4, 3), null)!.Value.NanoCores);
    }
}
