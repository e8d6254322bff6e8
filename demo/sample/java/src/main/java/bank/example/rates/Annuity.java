package bank.example.rates;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** The arithmetic of an annuity loan, as the quote service does it. */
public final class Annuity {
    private static final BigDecimal TWELVE_HUNDRED = new BigDecimal(1200);

    private Annuity() {
    }

    /** What is paid each month so that the loan is paid back after so many months. */
    public static BigDecimal monthlyRate(BigDecimal amount, int months, BigDecimal yearlyPercent) {
        if (amount.signum() <= 0 || months <= 0 || yearlyPercent.signum() < 0) {
            throw new IllegalArgumentException("amount and months are above zero, the interest is not below it");
        }
        BigDecimal interest = yearlyPercent.divide(TWELVE_HUNDRED, MathContext.DECIMAL128);
        BigDecimal rate;
        if (interest.signum() == 0) {
            rate = amount.divide(new BigDecimal(months), MathContext.DECIMAL128);
        } else {
            BigDecimal grown = BigDecimal.ONE.add(interest).pow(months, MathContext.DECIMAL128);
            BigDecimal share = BigDecimal.ONE.subtract(BigDecimal.ONE.divide(grown, MathContext.DECIMAL128));
            rate = amount.multiply(interest).divide(share, MathContext.DECIMAL128);
        }
        return rate.setScale(2, RoundingMode.HALF_EVEN);
    }
}
