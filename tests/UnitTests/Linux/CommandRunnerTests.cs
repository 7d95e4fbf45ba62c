using Linux;

namespace UnitTests.Linux;

public class CommandRunnerTests
{
    [Fact]
    public async Task Of_endless_complaints_the_beginning_is_kept()
    {
        var result = await CommandRunner.TryRun("sh", ["-c", "echo first >&2; head -c 3000000 /dev/zero >&2; echo out; exit 3"]);
        Assert.Equal((3, "out\n", 64 * 1024), (result.ExitCode, result.Output, result.Error.Length));
        Assert.StartsWith("first", result.Error);
    }
}
