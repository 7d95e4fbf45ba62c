using ControlPlane.Registry;

namespace UnitTests.Registry;

public class BitmapTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(200)]
    public void It_agrees_with_a_set_over_many_random_steps(int size)
    {
        var (bitmap, set, random) = (new Bitmap(size), new HashSet<int>(), new Random(size));
        for (var step = 0; step < 5000; step++)
        {
            var place = random.Next(size);
            if (random.Next(3) == 0)
            {
                bitmap.Release(place);
                set.Remove(place);
            }
            else Assert.Equal(set.Add(place), bitmap.Take(place));
            Assert.Equal(set.Contains(place), bitmap[place]);
            Assert.Equal(set.Count, bitmap.Taken);
            var (from, start) = (random.Next(size), 0);
            start = random.Next(from, size);
            var free = Enumerable.Range(start, size - start).Concat(Enumerable.Range(from, start - from)).Where(p => !set.Contains(p)).Select(p => (int?)p).FirstOrDefault();
            Assert.Equal(free, bitmap.NextFree(from, size, start));
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(10)]
    public void Places_outside_are_an_error(int place) => Assert.Throws<ArgumentOutOfRangeException>(() => new Bitmap(10).Take(place));
}
