using System.Globalization;

namespace Linux;

/// <summary>The memory of the whole machine (proc_meminfo(5)), bytes.</summary>
/// <param name="Available">What programs could still get.</param>
public sealed record MachineMemory(long Total, long Free, long Available, long InactiveFile)
{
    public static MachineMemory Read() => Parse(File.ReadLines("/proc/meminfo"));

    internal static MachineMemory Parse(IEnumerable<string> lines)
    {
        var kilobytes = lines.Select(line => line.Split([':', ' '], StringSplitOptions.RemoveEmptyEntries)).Where(words => words.Length > 1)
            .ToDictionary(words => words[0], words => long.Parse(words[1], CultureInfo.InvariantCulture));
        long Bytes(string name) => kilobytes.GetValueOrDefault(name) * 1024;
        return new MachineMemory(Bytes("MemTotal"), Bytes("MemFree"), Bytes("MemAvailable"), Bytes("Inactive(file)"));
    }
}
