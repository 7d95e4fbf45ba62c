using System.Buffers;
using Linux;

namespace NodeAgent.Logs;

/// <summary>
/// Writes one container's log to a client: all of its segments in order, then, if asked, what comes. Takes one block of
/// memory whatever the log's size, and waits for a slow client.
/// </summary>
/// <param name="log">Path of <c>N.log</c>.</param>
/// <param name="ended">Whether the container has ended and its log is complete.</param>
/// <param name="news">A directory in which a change may mean that it has ended.</param>
internal sealed class LogReader(string log, LogOptions options, Func<bool> ended, string news)
{
    private const int Block = 128 * 1024;

    /// <summary>For what inotify does not tell.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>Lines that come one by one are sent together after so long.</summary>
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(10);

    private readonly LogLines lines = new(options);
    private readonly ArrayBufferWriter<byte> output = new(Block);
    private byte[] buffer = [];
    private int held;

    /// <exception cref="FileNotFoundException">There is no such log.</exception>
    /// <exception cref="DirectoryNotFoundException">As before.</exception>
    /// <exception cref="InvalidDataException">A compressed segment is damaged.</exception>
    public async Task CopyTo(Stream client, CancellationToken cancel)
    {
        var segments = OpenAll();
        buffer = ArrayPool<byte>.Shared.Rent(Block);
        try
        {
            var (first, offset) = options.TailLines is { } tail ? Start(segments, tail) : (0, 0);
            for (var i = first; i < segments.Count; i++)
            {
                if (i == first) await Seek(segments[i].Stream, offset, cancel);
                var live = i == segments.Count - 1;
                if (!live || !options.Follow) await CopyRest(segments[i].Stream, live ? segments[i].Length : long.MaxValue, client, cancel);
            }
            if (options.Follow) segments[^1] = new Segment(log, await Follow(segments[^1].Stream, client, cancel), 0);
            lines.WriteLast(buffer.AsSpan(0, held), output);
            await Flush(client, cancel);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            foreach (var segment in segments) segment.Stream.Dispose();
        }
    }

    /// <param name="Length">Of a plain one, when it was opened: a reader who does not follow reads no further, or a busy container would keep it for ever.</param>
    private sealed record Segment(string Path, Stream Stream, long Length);

    /// <summary>All segments as they are at one moment: opened, none of them can be taken away any more.</summary>
    private List<Segment> OpenAll()
    {
        for (var attempt = 0; ; attempt++)
        {
            List<string> paths = [.. LogSegments.Rotated(log), log];
            var opened = new List<Segment>();
            try
            {
                foreach (var path in paths)
                    opened.Add(LogSegments.Open(path) is var stream && stream is FileStream file ? new Segment(path, file, file.Length) : new Segment(path, stream, 0));
                if (attempt > 20 || paths.SequenceEqual([.. LogSegments.Rotated(log), log])) return opened;
            }
            catch (FileNotFoundException) when (attempt < 20) { Thread.Sleep(attempt); } // rotated at this moment
            opened.ForEach(segment => segment.Stream.Dispose());
        }
    }

    private static (int Segment, long Offset) Start(List<Segment> segments, long tail)
    {
        for (var i = segments.Count - 1; ; i--)
        {
            long offset, found;
            if (segments[i].Stream is FileStream file) (offset, found) = LogTail.Find(file.SafeFileHandle, segments[i].Length, tail);
            else (offset, found) = FindForward(segments[i].Path, tail);
            if (found >= tail || i == 0) return (i, offset);
            tail -= found;
        }
    }

    private static (long Offset, long Found) FindForward(string path, long tail)
    {
        try
        {
            using var once = LogSegments.Open(path);
            var all = LogTail.Count(once);
            if (all <= tail) return (0, all);
            using var again = LogSegments.Open(path);
            return (LogTail.Skip(again, all - tail), tail);
        }
        catch (FileNotFoundException) { return (0, 0); } // too old by now
    }

    private async Task Seek(Stream segment, long offset, CancellationToken cancel)
    {
        if (segment.CanSeek) segment.Seek(offset, SeekOrigin.Begin);
        else
            for (int count; offset > 0 && (count = await segment.ReadAsync(buffer.AsMemory(0, (int)Math.Min(Block, offset)), cancel)) > 0;) offset -= count;
    }

    /// <param name="end">Offset in the segment at which to stop.</param>
    private async Task CopyRest(Stream segment, long end, Stream client, CancellationToken cancel)
    {
        while (!lines.Done)
        {
            var room = buffer.Length - held;
            if (end != long.MaxValue) room = (int)Math.Min(room, Math.Max(0, end - segment.Position));
            var count = room == 0 ? 0 : segment.Read(buffer, held, room);
            if (count == 0) break;
            held += count;
            var taken = lines.Write(buffer.AsSpan(0, held), output);
            if (taken == 0 && held == buffer.Length) taken = held; // no entry is that long: the file is damaged
            buffer.AsSpan(taken, held - taken).CopyTo(buffer);
            held -= taken;
            if (output.WrittenCount >= Block / 2) await Send(client, cancel);
        }
    }

    private async Task Send(Stream client, CancellationToken cancel)
    {
        await client.WriteAsync(output.WrittenMemory, cancel);
        output.ResetWrittenCount();
    }

    private async Task Flush(Stream client, CancellationToken cancel)
    {
        if (output.WrittenCount > 0) await Send(client, cancel);
        await client.FlushAsync(cancel);
    }

    /// <returns>The segment that was read last, open.</returns>
    private async Task<Stream> Follow(Stream segment, Stream client, CancellationToken cancel)
    {
        using var changed = new SemaphoreSlim(0, 1);
        void Note()
        {
            try { changed.Release(); }
            catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException) { }
        }
        using var written = DirectoryChanges.Watch(Path.GetDirectoryName(log)!, Note);
        using var exits = DirectoryChanges.Watch(news, Note);
        while (true)
        {
            // Asked before it is read: what was written by then is read below.
            var over = ended() || !Directory.Exists(Path.GetDirectoryName(log));
            var next = Successor(segment);
            await CopyRest(segment, long.MaxValue, client, cancel);
            if (next is not null && !lines.Done)
            {
                await segment.DisposeAsync();
                segment = next;
                continue;
            }
            await Flush(client, cancel);
            if (over || lines.Done) return segment;
            if (await changed.WaitAsync(Look, cancel)) await Task.Delay(Gather, cancel);
        }
    }

    /// <summary>The segment after this one; null while this is the one that is written to.</summary>
    private Stream? Successor(Stream segment)
    {
        // The kernel knows what an open file is called by now.
        var file = segment as FileStream ?? (FileStream)((System.IO.Compression.GZipStream)segment).BaseStream;
        var name = File.ResolveLinkTarget($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}", returnFinalTarget: false)?.FullName ?? log;
        const string gone = " (deleted)";
        if (name.EndsWith(gone, StringComparison.Ordinal)) name = name[..^gone.Length];
        else if (name == log) return null;
        name = LogSegments.Plain(name);
        try
        {
            for (var attempt = 0; ; attempt++)
            {
                var later = After(name);
                var opened = LogSegments.Open(later ?? log);
                // A rotation in between has put another segment before the log that was opened.
                if (attempt > 20 || Plain(After(name)) == Plain(later)) return opened;
                opened.Dispose();
            }
        }
        catch (IOException) { return null; } // between rename and reopening: again in a moment
    }

    /// <summary>The oldest of the rotated segments after that one.</summary>
    private string? After(string name) => LogSegments.Rotated(log).FirstOrDefault(path => string.CompareOrdinal(LogSegments.Plain(path), name) > 0);

    private static string? Plain(string? path) => path is null ? null : LogSegments.Plain(path);
}
