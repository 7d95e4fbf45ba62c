using System.Numerics;

namespace ControlPlane.Registry;

/// <summary>A fixed number of places, each free or taken. Not safe for concurrent use.</summary>
internal sealed class Bitmap(int size)
{
    private readonly ulong[] words = new ulong[(size + 63) / 64];

    public int Size => size;

    public int Taken => words.Sum(BitOperations.PopCount);

    public bool this[int place] => (words[Check(place) / 64] & (1UL << place % 64)) != 0;

    /// <summary>False if the place was taken already.</summary>
    public bool Take(int place)
    {
        if (this[place]) return false;
        words[place / 64] |= 1UL << place % 64;
        return true;
    }

    public void Release(int place) => words[Check(place) / 64] &= ~(1UL << place % 64);

    /// <summary>The first free place at or after <paramref name="start"/> in [from, to), going round once; null if all are taken.</summary>
    public int? NextFree(int from, int to, int start)
    {
        for (var i = 0; i < to - from; i++)
        {
            var place = from + (start - from + i) % (to - from);
            if (words[place / 64] == ulong.MaxValue && place % 64 == 0 && place + 64 <= to)
            {
                i += 63; // a whole word is taken
                continue;
            }
            if (!this[place]) return place;
        }
        return null;
    }

    private int Check(int place) => (uint)place < (uint)size ? place : throw new ArgumentOutOfRangeException(nameof(place), place, $"not in 0..{size - 1}");
}
