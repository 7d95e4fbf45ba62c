using Microsoft.Extensions.Logging.Abstractions;
using NodeAgent.ServiceProxy;

namespace UnitTests.ServiceProxy;

public class ConntrackLimitTests
{
    private readonly List<string> written = [];

    [Fact]
    public void A_setting_that_comes_with_the_first_rules_is_raised_then()
    {
        string? setting = null;
        var limit = new ConntrackLimit(NullLogger.Instance, 2, () => setting, written.Add);
        limit.Raise();
        Assert.Empty(written);
        setting = "4096";
        limit.Raise();
        limit.Raise();
        Assert.Equal(["131072"], written);
    }

    [Theory]
    [InlineData("0", 2, null)] // no limit
    [InlineData("262144", 2, null)] // never lowered
    [InlineData("131072", 8, "262144")]
    public void The_limit_follows_the_processors_and_is_never_lowered(string now, int processors, string? wanted)
    {
        new ConntrackLimit(NullLogger.Instance, processors, () => now, written.Add).Raise();
        Assert.Equal(wanted is null ? [] : [wanted], written);
    }
}
