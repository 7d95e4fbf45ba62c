using System.CommandLine;
using NodeAgent.Images;

namespace UnitTests.Images;

public sealed class ImageFlagsTests
{
    [Theory]
    [InlineData("", 85, 80)]
    [InlineData("--image-gc-low-threshold 70", 85, 70)]
    [InlineData("--image-gc-high-threshold 90", 90, 80)]
    [InlineData("--image-gc-high-threshold 50 --image-gc-low-threshold 40 --max-parallel-image-pulls 1", 50, 40)]
    public void Thresholds_that_are_not_given_have_the_kubelets_defaults(string flags, int high, int low)
    {
        var (parsed, images) = Parse(flags);
        Assert.Empty(parsed.Errors);
        Assert.Equal((high, low), (images.Read(parsed).GcHighThreshold, images.Read(parsed).GcLowThreshold));
    }

    [Theory]
    [InlineData("--image-gc-high-threshold 70")]
    [InlineData("--image-gc-low-threshold 90")]
    [InlineData("--image-gc-high-threshold 101")]
    [InlineData("--max-parallel-image-pulls 0")]
    [InlineData("--minimum-image-ttl-seconds -1")]
    public void What_makes_no_sense_is_refused(string flags) => Assert.NotEmpty(Parse(flags).Parsed.Errors);

    private static (ParseResult Parsed, ImageFlags Images) Parse(string flags)
    {
        var (command, images) = (new RootCommand(), new ImageFlags());
        images.AddTo(command);
        return (command.Parse(flags), images);
    }
}
