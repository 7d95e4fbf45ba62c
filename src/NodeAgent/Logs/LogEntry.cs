namespace NodeAgent.Logs;

/// <summary>
/// One entry of a log in the CRI format, <c>TIME stdout|stderr F|P TEXT</c>, without its line feed. P marks a line that the
/// next entry goes on with (kubernetes/design-proposals, kubelet-cri-logging).
/// </summary>
internal readonly ref struct LogEntry
{
    /// <summary>RFC 3339, in the time zone of whoever wrote it.</summary>
    public ReadOnlySpan<byte> Time { get; private init; }

    public ReadOnlySpan<byte> Stream { get; private init; }
    public ReadOnlySpan<byte> Text { get; private init; }
    public bool EndsLine { get; private init; }

    /// <summary>False for what is no entry: the file was damaged, or cut.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out LogEntry entry)
    {
        entry = default;
        var time = line.IndexOf((byte)' ');
        if (time < 20) return false;
        var stream = line[(time + 1)..].IndexOf((byte)' ');
        if (stream < 0) return false;
        var rest = line[(time + stream + 2)..];
        // Further tags would follow after colons.
        if (rest.Length < 1 || rest[0] is not ((byte)'F' or (byte)'P')) return false;
        var tags = rest.IndexOf((byte)' ');
        entry = new LogEntry
        {
            Time = line[..time], Stream = line.Slice(time + 1, stream), EndsLine = rest[0] == 'F', Text = tags < 0 ? default : rest[(tags + 1)..],
        };
        return true;
    }

    /// <summary>UTC, to 100 ns; null where it cannot be read.</summary>
    public DateTime? Utc
    {
        get
        {
            if (!TryWhole(out var whole)) return null;
            var at = 19;
            long ticks = 0;
            if (at < Time.Length && Time[at] == '.')
                for (long unit = TimeSpan.TicksPerSecond / 10; ++at < Time.Length && Time[at] is >= (byte)'0' and <= (byte)'9'; unit /= 10) ticks += unit * (Time[at] - '0');
            var zone = Time[at..];
            if (zone.Length == 6 && Two(zone, 1, out var hours) && Two(zone, 4, out var minutes))
                ticks -= (zone[0] == '-' ? -1 : 1) * (hours * TimeSpan.TicksPerHour + minutes * TimeSpan.TicksPerMinute);
            else if (zone is not [(byte)'Z']) return null;
            return whole.AddTicks(ticks);
        }
    }

    private bool TryWhole(out DateTime time)
    {
        time = default;
        var t = Time;
        if (!Two(t, 0, out var century) || !Two(t, 2, out var year) || !Two(t, 5, out var month) || !Two(t, 8, out var day)
            || !Two(t, 11, out var hour) || !Two(t, 14, out var minute) || !Two(t, 17, out var second)) return false;
        year += century * 100;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59) return false;
        time = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc);
        return true;
    }

    private static bool Two(ReadOnlySpan<byte> text, int at, out int number)
    {
        number = at + 2 <= text.Length && text[at] is >= (byte)'0' and <= (byte)'9' && text[at + 1] is >= (byte)'0' and <= (byte)'9' ? (text[at] - '0') * 10 + text[at + 1] - '0' : -1;
        return number >= 0;
    }
}
