using System.CommandLine;
using NodeAgent.Eviction;

namespace UnitTests.NodeEviction;

public class EvictionFlagsTests
{
    private static (ParseResult Parsed, EvictionFlags Flags) Parse(params string[] arguments)
    {
        var (command, flags) = (new Command("run"), new EvictionFlags());
        flags.AddTo(command);
        return (command.Parse(arguments), flags);
    }

    [Fact]
    public void Without_flags_the_defaults_hold()
    {
        var (parsed, flags) = Parse();
        Assert.Empty(parsed.Errors);
        Assert.Equal(new EvictionOptions().Thresholds, flags.Read(parsed).Thresholds);
        Assert.Equal(TimeSpan.FromMinutes(5), flags.Read(parsed).PressureTransitionPeriod);
    }

    [Fact]
    public void One_flag_leaves_the_others_as_they_are()
    {
        var (parsed, flags) = Parse("--eviction-hard", "memory.available<100Mi");
        Assert.Empty(parsed.Errors);
        Assert.Equal("memory.available", Assert.Single(flags.Read(parsed).Thresholds).Signal.Name);
    }

    [Theory]
    [InlineData("--eviction-hard", "swap<1", "unsupported eviction signal swap")]
    [InlineData("--eviction-soft", "memory.available<1Gi", "grace period must be specified for the soft eviction threshold memory.available")]
    [InlineData("--eviction-pressure-transition-period", "soon", "invalid duration \"soon\"")]
    public void A_wrong_value_is_refused_before_anything_begins(string flag, string value, string words) =>
        Assert.Equal(words, Assert.Single(Parse(flag, value).Parsed.Errors).Message);
}
