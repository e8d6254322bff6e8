package bank.example.rates;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

class AnnuityTest {
    @Test
    void anAnnuity() {
        assertEquals(new BigDecimal("860.66"), Annuity.monthlyRate(new BigDecimal(10000), 12, new BigDecimal(6)));
    }

    @Test
    void withoutInterest() {
        assertEquals(new BigDecimal("100.00"), Annuity.monthlyRate(new BigDecimal(1200), 12, BigDecimal.ZERO));
    }

    @Test
    void nonsenseIsRefused() {
        assertThrows(IllegalArgumentException.class,
                () -> Annuity.monthlyRate(BigDecimal.ZERO, 12, BigDecimal.ONE));
    }
}
