using System.IO.Pipelines;
using System.Text;
using NodeAgent.Streams;
using Xunit;

namespace UnitTests.Streams;

public sealed class TerminalSizesTests
{
    [Theory]
    [InlineData("{\"Width\":120,\"Height\":40}\n{\"Width\":121,\"Height\":41}\n", "120x40 121x41")]
    [InlineData("{\"Width\":1,\"Height\":65535}", "1x65535")] // WebSocket clients send no line's end
    [InlineData("{\"Width\":0,\"Height\":40}{\"Width\":70000,\"Height\":40}{\"Width\":-1,\"Height\":1}[]\"x\"{\"Width\":2,\"Height\":3}", "2x3")]
    [InlineData("garbage", "")]
    [InlineData("", "")]
    public async Task Sizes_are_read_and_nonsense_is_dropped(string text, string sizes)
    {
        var pipe = new Pipe();
        var seen = new List<string>();
        var reading = TerminalSizes.Read(pipe.Reader, (width, height) => { seen.Add($"{width}x{height}"); return ValueTask.CompletedTask; }, CancellationToken.None);
        foreach (var piece in Encoding.UTF8.GetBytes(text).Chunk(7)) await pipe.Writer.WriteAsync(piece);
        await pipe.Writer.CompleteAsync();
        await reading.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(sizes, string.Join(' ', seen));
    }
}
