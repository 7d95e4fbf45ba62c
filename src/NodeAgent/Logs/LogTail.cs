using Microsoft.Win32.SafeHandles;

namespace NodeAgent.Logs;

/// <summary>Where the last lines of a log begin. A large file is read from its end only; a line written in pieces counts once.</summary>
internal static class LogTail
{
    private const int Block = 64 * 1024, LongestHeader = 64;

    /// <param name="end">Bytes of the file that count.</param>
    /// <returns>The offset at which the last <paramref name="lines"/> lines begin, and how many of them the file has.</returns>
    public static (long Offset, long Found) Find(SafeFileHandle file, long end, long lines)
    {
        if (lines == 0) return (end, 0);
        var buffer = new byte[Block];
        var (found, nextEntry) = (0L, end);
        for (var blockEnd = end; blockEnd > 0;)
        {
            var start = Math.Max(0, blockEnd - Block);
            var count = ReadAt(file, buffer.AsSpan(0, (int)(blockEnd - start)), start);
            for (var i = count - 1; i >= 0; i--)
            {
                i = buffer.AsSpan(0, i + 1).LastIndexOf((byte)'\n');
                if (i < 0) break;
                // After a line feed an entry begins: the one that ends where the later one began.
                if (start + i + 1 < nextEntry && Take(file, start + i + 1, ref found, lines)) return (nextEntry, lines);
                nextEntry = start + i + 1;
            }
            blockEnd = start;
        }
        if (nextEntry > 0 && Take(file, 0, ref found, lines)) return (nextEntry, lines);
        return (0, found);
    }

    /// <summary>Counts the lines of a segment that can only be read forward.</summary>
    public static long Count(Stream segment)
    {
        var count = 0L;
        Scan(segment, _ => { count++; return true; });
        return count;
    }

    /// <summary>The offset behind so many lines.</summary>
    public static long Skip(Stream segment, long lines)
    {
        var end = 0L;
        if (lines > 0) Scan(segment, offset => { end = offset; return --lines > 0; });
        return end;
    }

    /// <summary>Whether there would be one line too many with the entry at this offset.</summary>
    private static bool Take(SafeFileHandle file, long offset, ref long found, long lines)
    {
        Span<byte> header = stackalloc byte[LongestHeader];
        var count = ReadAt(file, header, offset);
        if (!LogEntry.TryParse(header[..count], out var entry) || !entry.EndsLine) return false;
        if (found == lines) return true;
        found++;
        return false;
    }

    /// <param name="line">Is told where a line ends; false ends the scan.</param>
    private static void Scan(Stream segment, Func<long, bool> line)
    {
        var buffer = new byte[Block];
        int held = 0, count;
        for (var start = 0L; (count = segment.Read(buffer, held, buffer.Length - held)) > 0;)
        {
            held += count;
            var taken = 0;
            while (buffer.AsSpan(taken, held - taken).IndexOf((byte)'\n') is >= 0 and var length)
            {
                var ends = LogEntry.TryParse(buffer.AsSpan(taken, length), out var entry) && entry.EndsLine;
                taken += length + 1;
                if (ends && !line(start + taken)) return;
            }
            if (taken == 0 && held == buffer.Length) taken = held; // no entry is that long
            buffer.AsSpan(taken, held - taken).CopyTo(buffer);
            (start, held) = (start + taken, held - taken);
        }
    }

    private static int ReadAt(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        var total = 0;
        for (int count; total < buffer.Length && (count = RandomAccess.Read(file, buffer[total..], offset + total)) > 0;) total += count;
        return total;
    }
}
