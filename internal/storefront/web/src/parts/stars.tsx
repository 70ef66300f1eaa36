const star = "M12 2.6l2.9 6 6.5.9-4.7 4.6 1.1 6.5-5.8-3.1-5.8 3.1 1.1-6.5L2.6 9.5l6.5-.9z";

// Stars draws a rating from 1 to 5. A product without reviews has none.
export function Stars({ rating, reviews }: { rating: number; reviews: number }) {
  if (!reviews) return <p class="stars faint">No reviews yet</p>;
  return (
    <p class="stars">
      <svg class="icon full" viewBox="0 0 24 24" aria-hidden="true">
        <path d={star} />
      </svg>
      <span class="hidden">Rated </span>
      {rating.toFixed(1)}
      <span class="faint">
        {" "}
        ({reviews}
        <span class="hidden"> reviews</span>)
      </span>
    </p>
  );
}
