using System.Buffers.Binary;

namespace UnitTests.ServiceProxy;

/// <summary>The few instructions of classic BPF (linux/filter.h) that our match uses, in iptables' notation "count,code jt jf k,…".</summary>
internal static class ClassicBpf
{
    private const int LoadWordAbsolute = 0x20, StoreX = 0x07, JumpIfEqualX = 0x1d, Return = 0x06;

    public static uint Run(string bytecode, ReadOnlySpan<byte> packet)
    {
        var program = bytecode.Split(',').Skip(1).Select(line => line.Split(' ').Select(int.Parse).ToArray()).ToArray();
        Assert.Equal(int.Parse(bytecode.Split(',')[0]), program.Length);
        uint a = 0, x = 0;
        for (var at = 0; ; at++)
        {
            var (code, jt, jf, k) = (program[at][0], program[at][1], program[at][2], program[at][3]);
            switch (code)
            {
                case LoadWordAbsolute: a = BinaryPrimitives.ReadUInt32BigEndian(packet[k..]); break;
                case StoreX: x = a; break;
                case JumpIfEqualX: at += a == x ? jt : jf; break;
                case Return: return (uint)k;
                default: throw new InvalidOperationException($"unknown instruction {code}");
            }
        }
    }
}
