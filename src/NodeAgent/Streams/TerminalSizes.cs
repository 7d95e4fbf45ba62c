using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

namespace NodeAgent.Streams;

/// <summary>Reads sizes of a terminal: JSON objects one after the other, <c>{"Width":120,"Height":40}</c>.</summary>
internal static class TerminalSizes
{
    /// <summary>Longer than any size is written.</summary>
    private const int Longest = 1024;

    /// <summary>Longest wait for a size before a command is started without one.</summary>
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(500);

    /// <summary>Until the client has told its terminal's size, so that the command never sees a terminal of no size; clients tell it at once.</summary>
    /// <returns>Null: the client has told none in time.</returns>
    public static async Task<(int Width, int Height)?> WaitForFirst(PipeReader from, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(FirstWait);
        try
        {
            var read = await from.ReadAsync(limit.Token);
            var rest = read.Buffer;
            var told = TryRead(ref rest, out var size) && IsSize(size);
            from.AdvanceTo(read.Buffer.Start); // whoever reads the sizes begins with this one
            return told ? size : null;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested) { return null; }
    }

    /// <summary>Until the stream ends; what is no size is dropped with all that waits.</summary>
    public static async Task Read(PipeReader from, Func<int, int, ValueTask> resize, CancellationToken cancel)
    {
        while (true)
        {
            var read = await from.ReadAsync(cancel);
            var rest = read.Buffer;
            while (TryRead(ref rest, out var size))
                if (IsSize(size)) await resize(size.Width, size.Height);
            if (rest.Length > Longest) rest = rest.Slice(rest.End);
            from.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted) return;
        }
    }

    private static bool IsSize((int Width, int Height) size) => size is (> 0 and <= ushort.MaxValue, > 0 and <= ushort.MaxValue);

    internal static bool TryRead(ref ReadOnlySequence<byte> bytes, out (int Width, int Height) size)
    {
        size = default;
        if (bytes.Length == 0) return false;
        try
        {
            var reader = new Utf8JsonReader(bytes, isFinalBlock: false, default);
            if (!JsonDocument.TryParseValue(ref reader, out var json)) return false;
            using (json)
            {
                bytes = bytes.Slice(reader.Position);
                size = (Number(json.RootElement, "Width"), Number(json.RootElement, "Height"));
                return true;
            }
        }
        catch (JsonException)
        {
            bytes = bytes.Slice(bytes.End);
            return false;
        }
    }

    private static int Number(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : 0;
}
