using System.Buffers;

namespace NodeAgent.Logs;

/// <summary>
/// Entries of a log in, the bytes that a client gets out: the texts without their headers, lines that were written in
/// pieces joined, what was not asked for left out (k8s.io/cri-client, pkg/logs). Pure but for where in a line it is.
/// </summary>
internal sealed class LogLines(LogOptions options)
{
    private static readonly byte[] NineZeros = "000000000"u8.ToArray();

    private long left = options.LimitBytes ?? long.MaxValue;
    private bool lineBegins = true;

    /// <summary>The limit is reached: nothing more will come.</summary>
    public bool Done => left <= 0;

    /// <summary>Takes the whole entries at the beginning of a block.</summary>
    /// <returns>How many bytes were taken; the rest is the beginning of an entry.</returns>
    public int Write(ReadOnlySpan<byte> block, IBufferWriter<byte> output)
    {
        var taken = 0;
        while (!Done && block[taken..].IndexOf((byte)'\n') is >= 0 and var length)
        {
            WriteEntry(block.Slice(taken, length), ended: true, output);
            taken += length + 1;
        }
        return taken;
    }

    /// <summary>What stands at the end of a log without a line feed: whoever wrote it was killed.</summary>
    public void WriteLast(ReadOnlySpan<byte> rest, IBufferWriter<byte> output)
    {
        if (!Done && rest.Length > 0) WriteEntry(rest, ended: false, output);
    }

    private void WriteEntry(ReadOnlySpan<byte> line, bool ended, IBufferWriter<byte> output)
    {
        if (!LogEntry.TryParse(line, out var entry)) return;
        if (options.Since is { } since && !(entry.Utc >= since)) return;
        if (options.Stream is { } stream && !Is(entry.Stream, stream)) return;
        if (options.Timestamps && lineBegins) WriteTime(entry.Time, output);
        lineBegins = entry.EndsLine && ended;
        Append(entry.Text, output);
        if (lineBegins) Append("\n"u8, output);
    }

    private static bool Is(ReadOnlySpan<byte> stream, string name) => stream.SequenceEqual(name == "stdout" ? "stdout"u8 : "stderr"u8);

    /// <summary>With nine digits behind the point and UTC as Z, as Kubernetes prints it (kubelet, types.RFC3339NanoFixed).</summary>
    private void WriteTime(ReadOnlySpan<byte> time, IBufferWriter<byte> output)
    {
        var zone = time[19..].IndexOfAny("Z+-"u8) is >= 0 and var at ? 19 + at : time.Length;
        var fraction = time[19..zone];
        Append(time[..19], output);
        Append("."u8, output);
        var digits = fraction.Length > 0 ? fraction[1..] : fraction;
        Append(digits[..Math.Min(9, digits.Length)], output);
        Append(NineZeros.AsSpan(0, 9 - Math.Min(9, digits.Length)), output);
        Append(time[zone..] is var name && (name.SequenceEqual("+00:00"u8) || name.SequenceEqual("-00:00"u8)) ? "Z"u8 : name, output);
        Append(" "u8, output);
    }

    private void Append(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        if (bytes.Length > left) bytes = bytes[..(int)left];
        if (bytes.Length == 0) return;
        output.Write(bytes);
        left -= bytes.Length;
    }
}
