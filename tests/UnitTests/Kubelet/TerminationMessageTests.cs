using NodeAgent.Kubelet;

namespace UnitTests.Kubelet;

public sealed class TerminationMessageTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    private string? Of(string file, string log, string policy = "FallbackToLogsOnError", int exitCode = 1)
    {
        var (message, lines) = (Path.Combine(directory.Path, "message"), Path.Combine(directory.Path, "log"));
        File.WriteAllText(message, file);
        File.WriteAllText(lines, string.Concat(log.Split('\n').SkipLast(1).Select(line => $"2026-01-01T00:00:00.000000000+00:00 stdout F {line}\n")));
        return TerminationMessage.Of(message, lines, policy, exitCode);
    }

    [Fact]
    public void The_first_4096_bytes_of_the_file_count() => Assert.Equal(new string('a', 4096), Of(new string('a', 4096) + "bb", "log\n"));

    [Theory]
    [InlineData("File", 1, null)]
    [InlineData("FallbackToLogsOnError", 0, null)]
    [InlineData("FallbackToLogsOnError", 1, "last words\n")]
    public void The_log_speaks_for_a_container_that_failed_in_silence_and_asks_for_that(string policy, int exitCode, string? expected) =>
        Assert.Equal(expected, Of("", "last words\n", policy, exitCode));

    [Fact]
    public void Of_the_log_80_lines_or_2048_bytes_count()
    {
        Assert.Equal(string.Concat(Enumerable.Range(20, 80).Select(i => $"{i}\n")), Of("", string.Concat(Enumerable.Range(0, 100).Select(i => $"{i}\n"))));
        Assert.Equal(2048, Of("", string.Concat(Enumerable.Repeat(new string('x', 99) + "\n", 60)))!.Length);
    }
}
